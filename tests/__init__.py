"""The tests; one room of the program, one folder of them."""

from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
