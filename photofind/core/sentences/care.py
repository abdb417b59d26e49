"""What a check finds in a library, and what mending it did."""

from __future__ import annotations

from typing import Final

from photofind.core.sentences.template import Counted, Template

CARE: Final[dict[str, Template]] = {
    # What a check finds; the number of them is told beside it
    "found_damaged_catalog": "the catalog file is damaged",
    "found_damaged_names": "the index of names is damaged",
    "found_senseless_photos": "photos that make no sense",
    "found_photos_without_folder": "photos without a folder",
    "found_left_embeddings": "embeddings without a photo or model",
    "found_damaged_embeddings": "damaged embeddings",
    "found_unknown_states": "photos in no known state",
    "found_left_words": "words without a photo",
    "found_photos_without_names": "photos that their names do not find",
    "found_photos_without_embedding": "photos without an embedding",
    "found_damaged_thumbnails": "the file of thumbnails is damaged",
    "found_photos_without_thumbnail": "photos without a thumbnail",
    "found_left_thumbnails": "thumbnails without a photo",
    "found_unfit_vectors": "the vector index does not fit the catalog",
    "found_unfit_graph": "the HNSW file is damaged or of another library",
    "library_has_damage": "The library has damage; “photofind check --repair” mends what can be mended.",
    "library_keeps_damage": "The library has damage.",
    # Mending
    "nothing_to_mend": "There is nothing to mend now.",
    "mended_already": "The library had been mended already.",
    "rescued_all": Counted(
        "photos", "Everything was rescued: {photos:,} photo.", "Everything was rescued: {photos:,} photos."
    ),
    "rescued_all_to_read_again": Counted(
        "photos",
        "Everything was rescued: {photos:,} photo; {pending:,} of them is read again.",
        "Everything was rescued: {photos:,} photos; {pending:,} of them are read again.",
    ),
    "rescued_part": Counted(
        "photos",
        "What could be read was rescued: {photos:,} photo.",
        "What could be read was rescued: {photos:,} photos.",
    ),
    "rescued_part_to_read_again": Counted(
        "photos",
        "What could be read was rescued: {photos:,} photo; {pending:,} of them is read again.",
        "What could be read was rescued: {photos:,} photos; {pending:,} of them are read again.",
    ),
    "went_back": "The library is as it was on {day}; what came since is found again.",
    "went_back_undated": "The library is as it was when its last copy was made; what came since is found again.",
    "damaged_file_kept": "The damaged file is kept beside it in the library's folder.",
    "library_cannot_be_mended": "The library “{library}” cannot be mended: {said}.",
    "mended_badly": "The mended library came out damaged; is the disk failing?",
    "nothing_to_rescue": (
        "Nothing of the library can be read, and there is no snapshot. Move the folder “{library}” away, and photofind "
        "begins a new one; your photos are not touched."
    ),
}
