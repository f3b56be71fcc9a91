"""The core: words, decode, models, facts, measures, normalise, compare, verdict."""
