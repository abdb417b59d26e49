"""Texts as people type or paste them, and worse: what every tokenizer is compared on."""

from __future__ import annotations

from typing import Final

_QUERIES: Final = """
a dog
dogs
a photo of a cat
two children on a beach
birthday party at night
Grandma's garden
I'm, you're, he's, she'd, we'll, they've, don't
my mum's 70th birthday, 12.05.2019
IMG_20190512_164233.jpg
DSC00123
red car in front of a white house
sunset over the sea, long exposure
black and white portrait of an old man with a hat
snow
mountains with snow in the morning light
invoice 2023-04-17
wedding; first dance
screenshot of a train ticket
NEW YORK
New York City skyline at dusk
McDonald's
e-mail
state-of-the-art
rock'n'roll
O'Brien's pub
50% off!!!
price: $12.99 (was £15,49)
3 x 4 = 12
1/2 cup of sugar
10:45 p.m.
C++ and C# code
#summer #2021 @home
user_name_with_underscores
__init__.py
a/b\\c|d
{curly} [square] (round) <angle>
~tilde^caret`backtick
"quoted" 'single'
what?!
...
---
!
a
A
1
42
1234567890
3.14159265358979
0x1F
x²
the quick brown fox jumps over the lazy dog
pneumonoultramicroscopicsilicovolcanoconiosis
Donaudampfschifffahrtsgesellschaftskapitänsmütze
supercalifragilisticexpialidocious
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
ein Hund
Kinder am Strand
größer & älter
Übergrößenträger
Straße, weiß, Fuß
ẞ
café au lait
CAFÉ
naïve façade
l'été à la plage
aujourd'hui
où est la bibliothèque ?
«guillemets»
el niño y la niña
¿Dónde está la playa?
¡Feliz cumpleaños!
São Paulo
não há fotografias
il gatto è sul tavolo
żółta łódź
příliš žluťoučký kůň
Győr, árvíztűrő tükörfúrógép
İstanbul'da güneş
ılık
smørrebrød på stranden
æøå ÆØÅ
Þingvellir
ģimenes svētki
mẹ và con trên bãi biển
кошка на диване
День рождения бабушки
ЁЛКА
щенок
київ увечері
μια γάτα
ΟΔΥΣΣΕΥΣ
Ελλάδα, παραλία
כלב על החוף
שָׁלוֹם
قطة على الأريكة
عيد ميلاد سعيد
مُحَمَّد
۱۲۳۴
گربه روی مبل
कुत्ता समुद्र तट पर
नमस्ते
जन्मदिन मुबारक
বিড়াল
தமிழ் கடற்கரை
ภาพถ่ายแมว
สวัสดีครับ
ພາສາລາວ
ສະບາຍດີ
မြန်မာ
ქართული
հայերեն
አማርኛ
ខ្មែរ
སྐད
一只猫
海边的孩子
生日聚会
繁體中文照片
上海外滩夜景，2020年
「引用」
猫の写真
誕生日パーティー
東京タワー
カタカナとひらがな
ｶﾀｶﾅ
高尾山で紅葉
고양이 사진
해변의 아이들
생일 파티
각각
北京 Beijing 北京
𠮷野家
㍿
①②③
Ⅷ
ⅷ
¼ ½ ¾
m²
10 000
١٢٣
五
🙂
🙂🙂🙂
a dog 🐶 on the beach 🏖️
👨‍👩‍👧‍👦
👍🏽
🇩🇪🇫🇷
❤️
☀ ☁ ☂
→ ← ↑
✓ ✗
©®™
€ £ ¥ ₹ ₿
° ± × ÷
“curly” ‘quotes’ — dash – en dash … ellipsis
it’s grandma’s
ﬁne ﬂower
ﬀ ﬃ
Ａｂｃ１２３
𝐛𝐨𝐥𝐝 𝓈𝒸𝓇𝒾𝓅𝓉
ᴀʙᴄ
ſomething
'ſ
Ω Ω
Å Å
é é
n͡g
z̸̢̛a̵l̶g̷o̴
schÃ¶n
cafÃ©
â€œquotedâ€
Ã¼ber
ÐŸÑ€Ð¸Ð²ÐµÑ‚
donâ€™t
&amp;
&lt;b&gt;bold&lt;/b&gt;
fish &amp; chips
fish & chips
&amp;amp;
AT&T
&eacute;t&eacute;
&#233; &#x1F600;
&nosuchentity;
&lt
<br>
<p>paragraph</p>
<b>&amp;lt;&amp;amp;</b>
https://example.org/a?b=c&d=e#f
file:///home/x/Pictures/%20.jpg
C:\\Users\\x\\Pictures
name@example.org
<|endoftext|>
<start_of_text>
a <end_of_text> b
<START_OF_TEXT>
<pad>
<s> </s>
<eos>
[CLS]
▁
▁▁a
a▁b
##ing
Ġword
</w>
photo</w>
nun's t-shirt'S
'S 'T 'RE
''s
rock 'n' roll
1st 2nd 3rd
a1b2c3
v2.0-beta
½cup
a.b.c.
U.S.A.
...dots...
-5 °C
±5
100km/h
""".strip("\n").split("\n")

_ODD: Final = [
    "",
    " ",
    "   \t \n ",
    "  leading and trailing  ",
    "two  spaces   three",
    "line\nbreak",
    "line\r\nbreak\rreturn",
    "tab\tbetween",
    "form\ffeed\vtab",
    "nul\x00in",
    "bell\x07 escape\x1b[31mred\x1b[0m",
    "unit\x1fseparator\x1c",
    "del\x7f",
    "c1\x85\x9f",
    "no\xa0break 10\u202f000",
    "thin\u2009space\u202fnarrow\u3000ideographic",
    "zero\u200bwidth\u200djoiner\ufeff",
    "soft\xadhyphen",
    "right\u200fto\u202eleft",
    "line\u2028separator\u2029",
    "replacement \ufffd",
    "lone \ud800 surrogate",
    "private \ue000",
    "not a character \uffff",
    "unassigned \U000e0fff",
    "e\u0301 combining",
    "\u0301",
    "a\u0345b \u2727\u0345\u2727",
    "word " * 100,
    "ein langer Satz mit Umlauten äöü " * 30,
    "🙂" * 100,
    "猫" * 200,
    "a, b; c. " * 60,
    "x" * 1000,
    "supercalifragilisticexpialidocious" * 20,
    "1" * 120,
    "!" * 120,
    "'s" * 60,
    "fish &amp; chips " * 40,
]

TEXTS: Final = [*_QUERIES, *_ODD]
