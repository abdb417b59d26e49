"""The words quick look knows, in English, German, French, Spanish and Italian, and the looks they stand for.

Only words that name a look are here. "Sky" or "snow" mean how these usually look; "dog" is not here, because
no colour says dog. `*` stands for the endings of German adjectives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Look:
    """Colours ("red", "dark red") and moods with their strengths 0..1; an empty place is anywhere."""

    colours: Mapping[str, float] = field(default_factory=dict)
    moods: Mapping[str, float] = field(default_factory=dict)
    place: str = ""


COLOUR_WORDS: Final = {
    "red": "red reddish scarlet crimson rot* rouge rouges rojo roja rojos rojas rosso rossa rossi rosse",
    "orange": "orange orangen* oranges naranja naranjas anaranjado arancione arancioni arancio",
    "yellow": "yellow yellowish gelb* jaune jaunes amarillo amarilla amarillos amarillas giallo gialla",
    "green": "green greenish grün* vert verte verts vertes verde verdes verdi emerald lime",
    "turquoise": "turquoise cyan teal aqua türkis* turquesa turquesas turchese turchesi",
    "blue": "blue bluish blau* bleu bleue bleus bleues azul azules blu azzurro azzurra azzurri azzurre",
    "purple": "purple violet lila violett* violette violets violettes morado morada púrpura violeta viola",
    "pink": "pink rosa rosafarben* rosado rosada",
    "brown": "brown brownish braun* brun brune bruns brunes marron marrón marrones marrone marroni castaño",
    "beige": "beige tan khaki sandy beiges beis",
    "black": "black schwarz* noir noire noirs noires negro negra negros negras nero nera neri nere",
    "gray": "gray grey grayish greyish grau* gris grise grises grigio grigia grigi grigie",
    "white": "white whitish weiß* blanc blanche blancs blanches blanco blanca blancos blancas bianco bianca",
}

TONE_WORDS: Final = {
    "dark": "dark deep dunkel dunkle dunkler dunkles foncé foncée sombre oscuro oscura scuro scura",
    "light": "light pale hell helle heller helles clair claire claro clara chiaro chiara",
}

# German writes the tone and the colour in one word.
TONE_PREFIXES: Final = {"dunkel": "dark", "hell": "light"}

PLACE_WORDS: Final = {
    "top": "top above upper oben haut arriba alto",
    "bottom": "bottom below lower unten bas abajo basso",
    "left": "left links gauche izquierda sinistra",
    "right": "right rechts droite derecha destra",
    "centre": "centre center middle mitte milieu centro medio mezzo",
    "around": "background backdrop border frame hintergrund fond fondo sfondo",
}

_GOLD = (Look({"yellow": 0.5, "orange": 0.25, "brown": 0.25}),)
_SILVER = (Look({"light gray": 0.7, "white": 0.3}),)
_DARK = Look({"black": 0.3}, {"dark": 1})
_BRIGHT = Look({"white": 0.3}, {"bright": 1})
_FOG = Look({"gray": 0.1}, {"foggy": 1})
_COLOURLESS = Look({"black": 0.04, "gray": 0.06, "white": 0.04}, {"colourless": 1})
_PASTEL = Look(
    {"light pink": 0.2, "light blue": 0.2, "light purple": 0.2, "light beige": 0.2},
    {"bright": 0.5},
)
_SUNSET = (
    Look(
        {"orange": 0.25, "purple": 0.25, "pink": 0.15, "red": 0.15, "blue": 0.1, "yellow": 0.05},
        {"dark": 0.1},
    ),
    Look({"black": 0.1}, place="bottom"),
)
_BLUE_SKY = Look({"blue": 1}, place="top")
_SKY = Look({"blue": 0.7, "white": 0.15, "gray": 0.15}, place="top")
_GRASS = Look({"green": 1}, place="bottom")
_GREENERY = Look({"green": 0.8, "dark green": 0.2})
_FOREST = Look({"green": 0.7, "dark green": 0.3, "brown": 0.1}, {"busy": 0.3})
_WATER = (Look({"blue": 0.4, "turquoise": 0.2}), Look({"blue": 0.4, "turquoise": 0.2}, place="bottom"))
_SNOW = Look({"white": 1}, {"bright": 0.3}, place="bottom")
_SAND = (Look({"beige": 0.5, "brown": 0.1}), Look({"beige": 0.5}, place="bottom"))
_AUTUMN = Look({"orange": 0.3, "brown": 0.3, "yellow": 0.3})

# Phrases stand between commas; the longest that is there wins, so "black and white" is no black and no white.
PHRASES: Final[dict[str, tuple[Look, ...]]] = {
    # Shades with a name of their own
    "navy, navy blue, marineblau, azul marino, bleu marine, blu navy": (Look({"dark blue": 1}),),
    "sky blue, himmelblau, bleu ciel, celeste": (Look({"light blue": 1}),),
    "maroon, burgundy, bordeaux, weinrot, wine red, granate": (Look({"dark red": 1}),),
    "lavender, lilac, flieder, lavande, lavanda": (Look({"light purple": 1}),),
    "magenta, fuchsia": (Look({"pink": 0.5, "purple": 0.5}),),
    "indigo": (Look({"blue": 0.5, "purple": 0.5}),),
    "olive, olive green, oliv, olivgrün": (Look({"dark green": 1}),),
    "cream, ivory, creme, ivoire, crema": (Look({"light beige": 1}),),
    "gold, golden, goldfarben, doré, dorado, dorato, oro": _GOLD,
    "silver, silvery, silber, silbern, argent, plateado, argento": _SILVER,
    # Light
    "dark, darkness, dim, gloomy, dunkel, finster, sombre, oscuro, oscura, scuro, buio": (_DARK,),
    "night, nighttime, nacht, nachts, nuit, noche, notte": (_DARK, Look(moods={"dark": 0.5})),
    "bright, light, overexposed, high key, hell, lumineux, luminoso, claro, clair, chiaro": (_BRIGHT,),
    "high contrast, contrasty, kontrastreich, contrasté, contrastado": (Look(moods={"contrast": 1}),),
    "foggy, fog, misty, mist, hazy, haze, nebel, neblig, brouillard, niebla, nebbia": (_FOG,),
    "sunset, sunrise, dusk, dawn, sonnenuntergang, sonnenaufgang": _SUNSET,
    "coucher de soleil, lever de soleil, puesta de sol, amanecer, atardecer, tramonto, alba": _SUNSET,
    # How much colour
    "black and white, black white, b w, bw, monochrome, grayscale, greyscale": (_COLOURLESS,),
    "schwarz weiß, schwarzweiß, schwarz und weiß": (_COLOURLESS,),
    "noir et blanc, blanco y negro, bianco e nero": (_COLOURLESS,),
    "colourful, colorful, vivid, vibrant, bunt, coloré, colorido, colorato": (Look(moods={"vivid": 1}),),
    "pastel, pastell, pale, blass, pâle, pastello": (_PASTEL,),
    # Detail
    "smooth, plain, empty, minimal, minimalist, glatt, lisse, liso, liscio": (Look(moods={"smooth": 1}),),
    "detailed, busy, cluttered, textured, detailreich, détaillé, detallado": (Look(moods={"busy": 1}),),
    # What has a colour of its own
    "blue sky, clear sky, blauer himmel, ciel bleu, cielo azul, cielo azzurro, cielo blu": (_BLUE_SKY,),
    "sky, himmel, ciel, cielo": (_SKY,),
    "grass, lawn, meadow, gras, rasen, wiese, herbe, hierba, césped, prado, erba, prato": (_GRASS,),
    "forest, woods, trees, foliage, leaves, wald, bäume, forêt, bosque, bosco": (_FOREST,),
    "plants, jungle, greenery, pflanzen, plantes, plantas, piante": (_GREENERY,),
    "sea, ocean, water, lake, meer, ozean, wasser, mer, océan, eau": _WATER,
    "mar, océano, agua, lago, mare, oceano, acqua": _WATER,
    "snow, snowy, schnee, neige, nieve, neve": (_SNOW,),
    "sand, desert, dunes, wüste, dünen, désert, desierto, deserto": _SAND,
    "autumn, fall colours, fall colors, herbst, automne, otoño, autunno": (_AUTUMN,),
}
