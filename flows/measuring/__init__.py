"""How good and how fast the program is: evaluation, calibration, `make bench`."""
