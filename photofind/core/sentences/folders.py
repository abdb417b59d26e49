"""Which folders can be watched, and what stands against it.

A library stores `folder_cannot_be_opened` and `folder_does_not_answer`.
"""

from __future__ import annotations

from typing import Final

from photofind.core.sentences.template import Template

FOLDERS: Final[dict[str, Template]] = {
    "folder_unknown": "The folder “{folder}” is not in the library.",
    "folder_not_there": "There is no folder “{folder}”.",
    "folder_not_permitted": "You have no permission to read the folder “{folder}”.",
    "folder_known": "The folder “{folder}” is already in the library.",
    "folder_inside_other": "“{folder}” lies inside “{other}”, which is already in the library.",
    "folder_around_other": "“{other}” lies inside “{folder}” and is already in the library; remove it first.",
    "folder_with_other_photos": (
        "“{place}” holds none of the photos known from “{folder}”; choose the folder that they lie in now."
    ),
    "folder_on_absent_drive": ("Nothing is known to be deleted from “{folder}”: the drive “{drive}” is not connected."),
    "folder_on_unnamed_absent_drive": "Nothing is known to be deleted from “{folder}”: its drive is not connected.",
    "folder_cannot_be_opened": "The folder cannot be opened: {said}.",
    "folder_does_not_answer": "The folder does not answer; its drive, or the network, may hang.",
    "place_does_not_answer": "“{folder}” does not answer; is its drive, or the network, still there?",
    "folder_shows_another_drive": (
        "Another drive is connected in its place; what is known of these photos is kept. "
        "To search that one too, add the folder again, where it is not listed yet."
    ),
    # Links, and drives inside a folder
    "link_to_known_folder": "Leads to “{folder}”, whose photos are found there.",
    "link_into_watched_folder": "Leads into “{folder}”, which is watched anyway.",
    "link_around_watched_folder": "Leads to a folder around “{folder}”, in a circle.",
    "link_in_a_circle": "Leads in a circle.",
    "link_leads_nowhere": "Leads to nothing that is there now; what is known of photos there is kept.",
    "link_to_known_photo": "Leads to a photo that is found where it lies.",
    "drive_inside_is_away": "Is not there now; what is known of its photos is kept.",
    "drive_inside_is_another": (
        "Holds another drive than before, now a folder of its own; what is known of the other one's photos is kept."
    ),
    # Watching
    "watching_network_drive": (
        "“{folder}” is on a network drive, which does not tell of changes; photofind looks there every minute."
    ),
    "watching_network_drive_inside": (
        "A network drive inside “{folder}” does not tell of changes; photofind looks there every minute to find them."
    ),
    "watching_too_many_folders": (
        "“{folder}” holds more folders than the system lets programs watch; photofind looks there every minute. "
        "To see changes at once, raise fs.inotify.max_user_watches and start photofind again."
    ),
    "watching_too_many_programs": (
        "“{folder}” cannot be watched because too many programs watch folders; photofind looks there every minute. "
        "To see changes at once, raise fs.inotify.max_user_instances and start photofind again."
    ),
    "watching_refused": "The system does not let photofind watch “{folder}”; photofind looks there every minute.",
}
