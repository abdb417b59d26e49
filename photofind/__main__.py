"""`python -m photofind` is `photofind`."""

from photofind.cli import main

if __name__ == "__main__":
    main()
