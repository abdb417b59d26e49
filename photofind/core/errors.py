"""The one error for causes outside the program."""


class PhotofindError(Exception):
    """Say in one plain sentence what went wrong outside the program and what to do about it.

    The text is shown to the person as it is, in the window and on standard error; a bug in
    photofind itself is never raised as this class.
    """
