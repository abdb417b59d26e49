"""File names that trip programs up, and a strategy for all others that a disk allows."""

from __future__ import annotations

import os

from hypothesis import strategies as st

ODD_NAMES = {
    "no text": b"\xff\xfe\x80.jpg",
    "another encoding": "café.jpg".encode("latin-1"),
    "half a character": "€".encode()[:2] + b".jpg",
    "an encoded surrogate": b"\xed\xa0\xbd.jpg",
    "an overlong slash": b"\xc0\xaf.jpg",
    "newline": b"two\nlines.jpg",
    "only a newline": b"\n.jpg",
    "tab, bell and escape": b"a\tb\x07c\x1b[31md.jpg",
    "emoji": "family 👨‍👩‍👧 😀.jpg".encode(),
    "bidi controls": "\u202egpj.exe\u2066.jpg".encode(),
    "nothing to see": "\u200b\u00a0.jpg".encode(),
    "composed": "Grüße.jpg".encode(),
    "decomposed": "Gru\u0308ße.jpg".encode(),
    "lower case": b"twin.jpg",
    "upper case": b"TWIN.JPG",
    "255 bytes": b"x" * 251 + b".jpg",
    "255 bytes of emoji": "😀".encode() * 62 + b"xyz.jpg",
    "what addresses are made of": b"100%20 #1?&a=b;c:d@e.jpg",
    "a leading dash": b"-rf.jpg",
    "an option": b"--help.jpg",
    "spaces": b" leading and  double .jpg",
    "for a shell": b"$(touch hacked);`id`|a&'b'\"c\"\\n!.jpg",
    "a pattern": b"*?[a-z]{1,2}.jpg",
    "a backslash": b"a\\b.jpg",
    "markup": b"<b>bold<&amp;.jpg",
    "for a database": b"'; DROP TABLE photo; --%_.jpg",
    "format marks": b"{name} %s %1 %n.jpg",
    "a home": b"~root.jpg",
    "a device": b"CON.jpg",
    "two endings": b"a.png.jpg",
}
assert max(len(name) for name in ODD_NAMES.values()) == 255

# Any bytes but the two that no name may hold; a leading dot would hide the photo.
byte_names = (
    st.one_of(
        st.binary(min_size=1, max_size=251),
        st.text(min_size=1, max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.text("\u202e\u0308ü😀\n %/?#&-\\'\"", min_size=1, max_size=20).map(os.fsencode),
    )
    .map(lambda name: name.replace(b"/", b"_").replace(b"\0", b"_")[:251] + b".jpg")
    .filter(lambda name: not name.startswith(b"."))
)
