"""Why a photo or a picture cannot be used, or what is damaged in it; a library stores these keys."""

from __future__ import annotations

from typing import Final

from photofind.core.sentences.template import Counted, Template

PHOTOS: Final[dict[str, Template]] = {
    # The file and its drive
    "file_not_permitted": "You have no permission to read this file.",
    "file_drive_failed": "The drive could not read this file: {said}.",
    "file_unreadable": "The file cannot be read: {said}.",
    "file_changed": "The file changed while it was read.",
    "file_empty": "The file is empty.",
    "file_too_big": "The file is too big: {gigabytes:.1f} GB.",
    "file_gone": "The file is no longer there.",
    "file_never_opens": "The file is there, but it cannot be opened.",
    # What is in it
    "picture_too_large": (
        "The picture is too large: {megapixels:.0f} megapixels; photofind opens up to {most_megapixels}."
    ),
    "picture_needs_memory": "The picture needs more memory than photofind gives one file.",
    "picture_jpeg_xl": (
        "JPEG XL pictures need two more packages: {pip_install} imagecodecs tifffile, then “Try again” under Problems."
    ),
    "tiff_needs_package": (
        "This TIFF ({kind}) needs two more packages: {pip_install} imagecodecs tifffile, then “Try again” under "
        "Problems."
    ),
    "jpeg_2000_needs_package": (
        "JPEG 2000 of more than 8 bits needs two more packages: {pip_install} imagecodecs tifffile, then “Try again” "
        "under Problems."
    ),
    "picture_of_odd_kind": "{format} pictures of this kind ({kind}) cannot be read.",
    "photoshop_layers_alone": (
        "This Photoshop file holds layers alone; saved with “Maximize Compatibility”, it can be read."
    ),
    "picture_unknown": "This is not a picture that photofind can read.",
    "picture_cut_off": "The picture is damaged: the file ends too early.",
    "picture_without_beginning": "The picture is damaged: its beginning cannot be read.",
    "picture_undecodable": "The picture is damaged: it cannot be decoded.",
    "raw_needs_package": "RAW photos need one more package: {pip_install} rawpy, then “Try again” under Problems.",
    "raw_unknown": "This is not a RAW photo that photofind can read.",
    "raw_damaged": "The RAW photo is damaged: {said}.",
    "raw_undecodable": "The RAW photo is damaged: it cannot be decoded.",
    # What is damaged in one that was read nevertheless
    "parts_look_wrong": "The picture is damaged: parts of it may look wrong.",
    "detail_missing": "The file ends too early: some detail is missing.",
    "part_missing": "The file ends too early: a part of the picture is missing.",
    # The decoder
    "opening_takes_too_long": Counted(
        "seconds",
        "Opening the picture did not end within {seconds} second.",
        "Opening the picture did not end within {seconds} seconds.",
    ),
    "opening_cannot_begin": "The picture cannot be opened: no decoder can be started. Start photofind again.",
    "opening_was_stopped": ("Opening the picture was stopped twice from outside; the computer may be short of memory."),
    "opening_crashes": "The picture is damaged: it made the decoder crash.",
    # Searching
    "picture_makes_no_sense": "The model {model} could not make sense of this picture.",
    "picture_too_thin": "This picture cannot be made small enough to search with; try another one.",
    "photo_not_indexed": "This photo is not indexed yet; try again in a moment.",
    "picture_not_there": "There is no file “{file}”.",
    "picture_cannot_be_searched": "“{file}” cannot be searched with: {why}",
    "language_unknown": "photofind knows no language “{language}”; write it as en, en_GB or de.",
    "words_unknown": (
        "“{model}” does not know these words; only names, folders, dates, cameras and what your photos say were "
        "searched."
    ),
    "words_not_english": "“{model}” knows English only; the models “{one}” and “{other}” know this language.",
}
