"""The files of a model: what is wrong with them in their folder, and on the way there."""

from __future__ import annotations

from typing import Final

from photofind.core.sentences.template import Template

MODEL_FILES: Final[dict[str, Template]] = {
    # In their folder
    "model_folder_not_there": "There is no folder “{folder}”.",
    "not_a_model_folder": "“{folder}” is not a model folder: the file “{file}” is missing.",
    "weights_missing": (
        "The file “{file}” is missing in “{folder}”; photofind opens no other kind of weights, because those can run "
        "code."
    ),
    "weights_damaged": "The file “{file}” is damaged or incomplete; please download or copy the model again.",
    "model_unreadable": "The model in “{folder}” cannot be read: {said}.",
    "config_damaged": "“{file}” is damaged or not a config that {library} wrote.",
    "model_cannot_load": "{library} cannot load the model in “{folder}”: {said}",
    "model_cuts_oddly": (
        "The model in “{folder}” cuts pictures in a way that photofind cannot; please choose another model."
    ),
    "model_not_square": "The model in “{folder}” takes pictures that are not square; please choose another model.",
    "engine_damaged": "“{file}” is damaged; photofind makes it again.",
    "embeddings_table_damaged": "“{file}” is damaged; please download or copy the model again.",
    "words_file_missing": "The file “{file}” is missing in “{folder}”; this model needs it to read words.",
    "words_file_damaged": "The file “{file}” is damaged; please download or copy the model again.",
    "words_split_oddly": (
        "The model in “{folder}” splits words in a way that photofind cannot; please choose another model."
    ),
    "text_tower_foreign": (
        "The model in “{folder}” reads words by transformers, which photofind does not use; please choose another "
        "model."
    ),
    "vocabulary_too_large": (
        "“{file}” has more tokens than the model in “{folder}” knows; please download or copy the model again."
    ),
    "clip_vocabulary_too_large": (
        "The vocabulary of CLIP has more tokens than the model in “{folder}” knows; please download or copy the model "
        "again."
    ),
    # On the way there
    "model_arriving_elsewhere": "Another photofind is loading a model just now; please wait until it is done.",
    "model_cannot_be_stored": "The model “{model}” cannot be stored in “{folder}”: {said}.",
    "too_full_for_model": (
        "The disk of “{folder}” is too full for the model “{model}”: it needs {needed_mb:,.0f} MB, and "
        "{free_mb:,.0f} MB are free."
    ),
    "download_broke_off": "The download of the model “{model}” broke off; please try again.",
    "download_damaged": "The model “{model}” was damaged on its way here; please download it again.",
    # The hub
    "hub_address_wrong": (
        "HF_ENDPOINT is “{address}”, which is no address of the web; please set it to one like https://huggingface.co, "
        "or unset it."
    ),
    "proxy_unusable": "The proxy set in the environment cannot be used: {said}.",
    "proxy_wants_password": (
        "The proxy on the way to {hub} wants a name and a password; please set HTTPS_PROXY to its address with both, "
        "as in http://NAME:PASSWORD@proxy.example:8080, and try again."
    ),
    "proxy_refuses": (
        "The proxy on the way to {hub} does not lead there (it answered {status}); please ask whoever looks after your "
        "network, or use another connection."
    ),
    "certificates_unreadable": (
        "The certificates in “{file}”, which SSL_CERT_FILE names, cannot be read: {said}; please correct or unset it."
    ),
    "hub_certificate_refused": (
        "This computer does not trust the certificate of {hub}: {said}. If your network has a certificate authority of "
        "its own, as in many companies, please set SSL_CERT_FILE to the file of its certificate; if not, check the "
        "date of this computer."
    ),
    "hub_is_none": (
        "What answers at {hub} is not a hub of models; if this network asks you to sign in, please do so and try again."
    ),
    "hub_tells_no_size": (
        "{hub} does not say how large the model “{model}” is, so it was not loaded; please set HF_ENDPOINT to another "
        "hub, or unset it."
    ),
    "hub_has_other_file": "{hub} has another file “{file}” than the model “{model}” is made of; it was not loaded.",
    "hub_not_understood": (
        "{hub} answers in a way that photofind does not know; please try again later, or set HF_ENDPOINT to another "
        "hub."
    ),
    "hub_refuses": "{hub} did not give the model “{model}” (it answered {status}); try again later.",
    "hub_is_off": "The model “{model}” cannot be downloaded while {switch} is set; please unset it and try again.",
    "hub_not_reached": (
        "{hub} cannot be reached to download the model “{model}”; please check the connection to the internet and "
        "try again."
    ),
    # What is said while it waits, behind how far it is
    "hub_asks_to_wait": "the hub asks to wait {seconds:,.0f} s",
    "waiting_for_hub": "the hub cannot answer just now; next try in {seconds:,.0f} s",
    "waiting_for_network": "waiting for the network; next try in {seconds:,.0f} s",
    "hub_lacks_weights": (
        "{hub} has no safetensors file of the model “{model}”; photofind opens no other kind of weights, because those "
        "can run code."
    ),
    "hub_lacks_file": "{hub} lacks the file “{file}” of the model “{model}”; please choose another model.",
    # Files of the person's own
    "own_files_unreadable": "The files in “{folder}” cannot be read: {said}.",
    "own_file_missing": "The file “{file}” is missing in “{folder}”; it is on the page of {repo}.",
    "own_weights_pickled": (
        "The folder “{folder}” holds the weights only as a pickle, which photofind does not open, because it can run "
        "code; please put “{file}” there, from the page of {repo}."
    ),
    "own_files_of_other_model": (
        "The files in “{folder}” are not those of the model “{model}” ({architecture}, about {size_mb:,.0f} MB), which "
        "are on the page of {repo}."
    ),
}
