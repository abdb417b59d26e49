"""The models: what they are good for, choosing one, and what runs it on this computer."""

from __future__ import annotations

from typing import Final

from photofind.core.sentences.template import Template

MODELS: Final[dict[str, Template]] = {
    # What is offered: `core/models/offered.toml` names these
    "good_quick_look": "Colours and light, at once, without a download.",
    "good_for_most": "Most computers: finds much, and quickly.",
    "good_small": "A small download; as quick as the recommended one.",
    "good_at_details": "Better at details; takes about four times as long to learn your photos.",
    "good_for_cards": "Computers with a graphics card: finds the most.",
    "good_for_cards_in_english": "Computers with a graphics card: the finest details, in English.",
    "good_at_languages": "Knows the most languages; takes about four times as long to learn your photos.",
    "good_first_clip": "OpenAI's first CLIP, for comparison.",
    "good_fine_clip": "OpenAI's CLIP with finer patches, for comparison.",
    "good_large_clip": "OpenAI's large CLIP, for comparison.",
    "good_look_alikes": "For Find similar: the same thing or place, and near-copies.",
    "good_formerly": "Offered formerly; “{other}” takes its place.",
    "good_own": "A model folder of yours.",
    "good_own_not_there": "A model folder of yours, which is not there any more.",
    "license_own": "your own",
    "licenses_differ": "{license} by its page, {code_license} by its makers",
    "knows_english": "English",
    "knows_five": "English, German, French, Spanish, Italian",
    "knows_european": "English, German, French, Italian, Dutch; many others less well",
    "knows_european_and_danish": "English, German, French, Italian, Dutch, Danish; many others less well",
    "knows_many": "English, German, French, Hungarian, Hebrew, Danish, Chinese, Finnish, Japanese and many others",
    # Choosing
    "model_built_in": "The model “{model}” is built in; there is nothing to download.",
    "own_model_not_got": "A model folder of your own needs no download: photofind models use {folder}.",
    "model_unknown": (
        "There is no model called “{model}”; there are: {models}, or the path of a model folder, as in ./{model}."
    ),
    "model_retired": (
        "The model “{model}” is not offered any more; “{other}” takes its place: download it in “Models”, or with "
        "“photofind models get {typed}”."
    ),
    "model_not_installed": (
        "The model “{model}” is not installed; download it in “Models”, or with “photofind models get {typed}”."
    ),
    "model_not_for_similar": (
        "The model “{model}” is not the one for Find similar, and only that one can be stopped; use another one in "
        "its place."
    ),
    "model_not_kept": "Nothing is kept of a model called “{model}”.",
    "model_in_use": "This model is in use; choose another one first, then its vectors can be deleted.",
    "similar_model_in_use": "This model is in use; stop using it first, then its vectors can be deleted.",
    "quick_look_instead": "{why} Quick look is used instead.",
    "quick_look_for_words": "{why} Quick look is used instead; Find similar goes on with what the other one learned.",
    "model_instead": "{why} “{model}” is used instead.",
    "no_similar_model": "{why} Find similar goes on without it.",
    "model_changed": "The model in “{folder}” has changed; please choose it again under Models.",
    "model_knows_no_words": (
        "The model “{model}” knows no words, only what pictures look like; please search words with another model."
    ),
    # What runs it
    "card_not_there": "The graphics card that was chosen is not there, so the CPU is used.",
    "card_unusable": "{device} cannot be used ({why}), so the CPU is.",
    "card_lacks_memory": "it has too little memory",
    "card_computes_wrongly": "it computes wrongly",
    "engine_inexact": (
        "{engine} is not exact enough: scores off by {off:.1f} % of what sets pictures apart, the worst picture by "
        "{furthest:.0f} %; {same:.0f} % of the best ten the same."
    ),
    "engine_refused": (
        "How the model “{model}” ran until now is not exact enough for your photos, so they are embedded again; "
        "searching goes on meanwhile."
    ),
    "too_full_to_fit": (
        "The disk of “{folder}” is too full to fit the model “{model}” to this computer: that needs "
        "{needed_mb:,.0f} MB for a while, and {free_mb:,.0f} MB are free."
    ),
    "open_clip_missing": "open_clip is not installed; this mends it: {pip_install} open-clip-torch",
    "open_clip_damaged": (
        "“{file}” is missing or damaged; this mends it: {pip_install} --force-reinstall --no-deps open-clip-torch"
    ),
    "torch_does_not_fit": (
        "torch, torchvision and open_clip do not work together ({said}); this mends it: "
        "{pip_install} --upgrade --force-reinstall torch torchvision open-clip-torch"
    ),
}
