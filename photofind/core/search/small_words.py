"""The words of a query that say nothing of what is looked for: “photos from Garden” asks for Garden."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from photofind.core.catalog.plain import forms

_ENGLISH: Final = "en"
_SMALL: Final = {
    _ENGLISH: "a an the of from in on at by to with and or for my our all some this that these those is are was were "
    "show find me photo photos picture pictures pic pics image images foto fotos taken",
    "cs": "a i v ve na z ze od do s se k u o pro moje fotka fotky fotografie obrázek obrázky",
    "da": "en et den det de af fra i på ved til med og eller for mine foto fotos billede billeder",
    "de": "ein eine einen einem einer der die das den dem des von vom aus in im an am auf bei mit und oder für zu zum "
    "zur mein meine alle foto fotos bild bilder",
    "es": "un una unos unas el la los las de del desde en con y o para por al mi mis foto fotos imagen imágenes",
    "fi": "ja tai kuva kuvat kuvia valokuva valokuvat",
    "fr": "un une des le la les l de du d à au aux en dans sur avec et ou pour par mes photo photos image images",
    "hu": "a az egy és vagy fotó fotók kép képek",
    "it": "un una uno il lo la i gli le di del della dei da dal in nel a al con e o per foto immagine immagini",
    "nb": "en et ei den det de av fra i på ved til med og eller for mine foto bilde bilder",
    "nl": "een de het van uit in op aan bij met en of voor te mijn foto foto's afbeelding afbeeldingen",
    "pl": "i w we z ze od do na u o dla moje zdjęcie zdjęcia fotka fotki obraz obrazy",
    "pt": "um uma o a os as de do da dos das em no na com e ou para por foto fotos imagem imagens",
    "ru": "и в во на с со из от до у о для мои фото фотография фотографии картинка картинки",
    "sv": "en ett den det de av från i på vid till med och eller för mina foto foton bild bilder",
    "tr": "bir ve veya ile için fotoğraf fotoğraflar resim resimler",
    "uk": "і й та в у на з із зі від до для мої фото фотографія фотографії",
}


@lru_cache(maxsize=8)
def small_words(language: str) -> frozenset[bytes]:
    """Return the plain forms of a language's small words, and of English ones; `language` is given as de_AT."""
    own = _SMALL.get(language.partition("_")[0], "")
    return frozenset(form for word in f"{_SMALL[_ENGLISH]} {own}".split() for form in forms(word))
