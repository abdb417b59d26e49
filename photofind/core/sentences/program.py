"""The program itself: starting, its launcher entry, mistakes of ours."""

from __future__ import annotations

from typing import Final

from photofind.core.sentences.template import Template

PROGRAM: Final[dict[str, Template]] = {
    "as_written": "{text}",
    "in_a_row": "{sentences}",
    "mistake_inside": "Something went wrong inside photofind.",
    "mistake_stops_indexing": "Indexing stopped because of a mistake inside photofind.",
    "mistake_in_folder": "“{folder}” was not looked through to its end because of a mistake inside photofind.",
    "home_unknown": (
        "The home folder in “{library}” is not known; say where the library is to be, as in --library /data/photofind."
    ),
    "present_folder_gone": (
        "“{path}” leads nowhere: the folder you are in was deleted. Change to another, or give the full path."
    ),
    "log_lies_in": "The log is “{log}”.",
    "log_says_more": "The log “{log}” says more.",
    "log_unwritten": "The log “{log}” cannot be written: {said}.",
    "log_not_begun": "There is no log: photofind was started in another way than by its command.",
    "system_refuses": "The system does not let photofind go on: {said}.",
    "system_refuses_file": "The system does not let photofind use “{file}”: {said}.",
    "memory_short": "There is not enough memory free; close other programs and try again.",
    "output_unwritten": "What was asked for cannot be written where it is to go: {said}.",
    "stopped_by_person": "stopped; what is done is kept.",
    "window_cannot_load": "The window cannot open because something that Qt needs is missing: {said}.",
    "photofind_closes": "photofind is closing.",
    "photofind_hangs": "photofind is open already but does not answer. End it, then start it again.",
    "opener_missing": "“{program}” is needed to open files; install xdg-utils.",
    # The launcher entry
    "launcher_command_missing": "{command} was not found beside photofind; install photofind again with pip.",
    "launcher_on_linux_only": "Launcher entries are made on Linux only; on this system, start {command} instead.",
    "launcher_home_unknown": "Your home folder is not known; set HOME or XDG_DATA_HOME to it, and try again.",
    "launcher_cannot_write": "“{file}” could not be changed ({said}); check that you may write to “{folder}”.",
}
