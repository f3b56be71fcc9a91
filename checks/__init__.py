"""One file a family of rules; the explicit list is CHECKS."""
