"""What photofind knows: no Qt, no threads, no processes.

`library` is the only way in; the rooms below it are its parts.
"""
