"""Which view a header's words and codes name, in every language in which it may name the chest."""

from __future__ import annotations

import re
from typing import Literal, get_args

from app.core.gate.header_words import plain_words

ViewKind = Literal["PA", "AP", "frontal", "lateral", "oblique", "decubitus", "other"]
FRONTAL: frozenset[ViewKind] = frozenset({"PA", "AP", "frontal"})


def _whole(*words: str) -> str:
    """Words that no letter of their script touches: 胸部PA names PA."""
    return rf"(?<![A-ZΑ-ΩА-ЯІЇ])(?:{'|'.join(words)})(?![A-ZΑ-ΩА-ЯІЇ])"


# A patient who lies on back or belly is seen from the front: "décubitus dorsal" is supine. The
# English "dorsal decubitus" is not that but a view from the side.
_LYING = re.compile(r"\bDECUBI?T?\w* (?:DORSAL|SUPIN|VENTRAL|PRON)\w*")
_DECUBITUS = re.compile(
    r"DE[CK]UB|LATEROPOSITION|SEITENLAGE|SIDOLAGE|SIDELEJE|OLDALFEKV|ЛАТЕРОПОЗИЦ|ДЕКУБИТ"
    r"|ΠΛΑΓΙΑ ΚΑΤΑΚΛΙ|ΠΛΑΓΙΟΚΑΤΑΚΛ"
    r"|側臥|側卧|侧卧|측와|テクヒタス|"
    + _whole("SIDE LYING", "ZIJLIGGING", "NA BOKU", "НА БОКУ", "YAN YATAR")
)
_DECUBITUS_CODE = re.compile(_whole("[LR]LD"))
_OBLIQUE = re.compile(
    r"OBLI[CKQ]|斜|사위|사방향|"
    + _whole(
        *(r"SCHRAG\w*", r"SCHUIN\w*", r"SKOSN\w*", r"SIKM\w*", r"FERDE\w*", "SKRA(?:TT)?", "SNED"),
        *("EGIK", r"ΛΟΞ\w*", r"КОС(?:АЯ|ОИ|УЮ|ЫЕ|ЫХ|О)"),
    )
)
_OBLIQUE_CODE = re.compile(_whole("[LR]LO", "[LR][AP]O", "OBL"))
# Rao, Lao and Yan are names, too.
_NO_NAME = r"(?<!DR )(?<!MR )(?<!MRS )(?<!MS )(?<!PROF )"
_OBLIQUE_IN_TEXT = re.compile(_NO_NAME + _whole("[LR][AP]O"))
_LATERAL = re.compile(
    r"(?<![双两雙兩両])[侧側](?:位|面|像|片|方|视|視)|ラテラル|측면|측방향?|측위|"
    + _NO_NAME
    + _whole("YAN(?:DAN)?")
    + "|"
    + _whole(
        # Of the abbreviation LL alone free text may mean another thing.
        *("TORACE LL", "[LR]?LAT", "LAT[LR]", r"[LR]?LATERAL(?!ITY)\w*", r"LATERO\w*"),
        r"MEDIOLATERAL\w*",
        *(r"SEITL(?:ICH\w*)?", r"SEITENAUFNAHME\w*", r"SEITE?N?BILD\w*", r"SEITENANSICHT"),
        *("PROFILO?", r"PERFIL", r"SAGITTAL\w*", r"BOCZN\w*", r"BOCN\w*", "BOK", r"DWARSE?"),
        *(r"ZIJDELINGS\w*", r"ZIJWAARTS\w*", r"ZIJAANZICHT", r"OLDALIRANY\w*", r"OLDALFELV\w*"),
        *(r"OLDALNEZET\w*", "OLDALSO", r"SIDEBILD\w*", r"SIDOBILD\w*"),
        *(r"SIDEOPTAG\w*", r"SIVUKUVA\w*", r"БОКОВ\w*", "БОК", r"ПРОФИЛ\w*", r"БІЧН\w*"),
        *(r"ЛАТЕРАЛ\w*", r"ΠΛΑΓΙ\w*", r"ΠΡΟΦΙΛ\w*"),
    )
)
_LATERAL_CODE = re.compile(_whole("LL", "RL", r"LLAT\w*", r"RLAT\w*", r"PROFIL\w*", r"PERFIL\w*"))
_PA = re.compile(
    r"POSTERO ?ANT|后前|後前|후전|ЗАДНЕ ?ПЕРЕДН|ΟΠΙΣΘΙΟ ?ΠΡΟΣΘΙ|"
    + _whole("PA", "P A", "DV", r"TYLNO PRZEDNI\w*", "ARKA ON", r"ACHTER ?VOOR\w*")
)
_AP = re.compile(
    r"ANTERO ?POST|前后|前後|전후|ПЕРЕДНЕ ?ЗАДН|ΠΡΟΣΘΙΟ ?ΟΠΙΣΘΙ|"
    + _whole("AP", "A P", "VD", r"PRZEDNIO TYLN\w*", "ON ARKA", r"VOOR ?ACHTER\w*")
)
_FRONT = re.compile(
    r"正[位面像侧側]|정면|"
    + _whole(
        *(r"FRONT\w*", "FACE", r"SZEMB\w*", r"ПРЯМ\w*", r"ФРОНТ\w*", "ФАС", r"ΜΕΤΩΠ\w*"),
        *(r"PREDOZADN\w*", r"ZADOPREDN\w*", r"ΠΡΟΣΘΙΑ"),
    )
)


def view_named(said: str, *, codes: bool = True) -> ViewKind | None:
    """The view that words name.

    Parameters
    ----------
    said
        ViewPosition, the meaning of a code, or free text.
    codes
        Count codes too (LL, RAO), which mean something else in free text. Free text, unlike a
        code, may speak of several images: one that names a frontal view beside a lateral or
        oblique one says nothing certain of this image.

    Returns
    -------
    ViewKind or None
        ``other`` for free text that names an oblique view beside a frontal one, which may be one
        and the same; None where no view is named, or free text names several.
    """
    words = _LYING.sub(" ", plain_words(said))
    if _DECUBITUS.search(words) or (codes and _DECUBITUS_CODE.search(words)):
        return "decubitus"
    lateral = names_lateral(said, codes=codes)
    posterior, anterior = bool(_PA.search(words)), bool(_AP.search(words))
    frontal = posterior or anterior or bool(_FRONT.search(words))
    if _OBLIQUE.search(words) or (_OBLIQUE_CODE if codes else _OBLIQUE_IN_TEXT).search(words):
        return "other" if frontal and not codes else "oblique"
    if lateral:
        # "AP LAT" as a code, too: nothing says which of the two this image is.
        return None if frontal and not codes else "lateral"
    if posterior != anterior:
        return "PA" if posterior else "AP"
    return "frontal" if frontal else None


def names_lateral(said: str, *, codes: bool = True) -> bool:
    """Whether words name a lateral view, beside others or alone; ``codes`` as in ``view_named``."""
    words = plain_words(said)
    return bool(_LATERAL.search(words) or (codes and _LATERAL_CODE.search(words)))


_CODES: dict[ViewKind, str] = {
    "PA": "R-10214 R-40888 272479007",
    "AP": "R-10206 399348003",
    "frontal": "R-10202 399033003 G-A138 81654009 G-5215 399321004 G-5216 399001007",
    "lateral": "R-10232 399198007 R-10236 399173006 R-102CD 399067008 R-10224 399260004 R-10228"
    " 399352003 G-A145 30730003 G-A104 49370004 G-5220 399012007 G-5221 399300004 G-5222 399297009"
    " G-5223 399118008 G-A189 103343002",
    "oblique": "R-10204 399160007 R-10208 399312000 R-10210 399038007 R-10212 399006002 R-10216"
    " 399059000 R-10220 399135007 R-10226 399368009 R-10230 399099002 R-10234 399236003 R-10238"
    " 399184004 R-10246 399004004 R-10248 399288005 R-10250 399225005 R-10252 399132005 R-10254"
    " 399325008 R-102C1 399182000 R-40782 260426006 R-40783 260427002 R-40985 399356000 R-10222"
    " G-A472 21114003 G-5206 399108003 G-5207 399074003 G-5208 399075002 G-5209 399136008 G-5210"
    " 399089007 G-5212 399273000 G-5224 399268006 G-5225 399159002",
    "decubitus": "F-10317 102535000 F-10318 32185000 F-10319 102536004",
    "other": "R-10241 399061009 R-102C2 399110001 R-10242 399162004 R-10244 399196006 R-10256"
    " 399255003 R-10257 399360002 R-40810 260499007 R-102C3 399071006 R-102C4 399335002 R-102C5"
    " 399272005 R-102C6 399242004 R-102C7 399351005 R-102C8 399316002 G-8300 119376003 G-A147"
    " 24422004 G-A117 62824007 111069 G-8310",
}
"""PS3.16 CID 4010 (DX View), of CID 4011, 20 and 501 what says a view, SNOMED RT and CT."""

_KIND_OF = {code: kind for kind in get_args(ViewKind) for code in _CODES[kind].split()}


def view_coded(code: str) -> ViewKind | None:
    """The view of a code of PS3.16, whatever its scheme is called; None for any other code.

    The identifiers are unlike those of any other scheme; SNOMED RT has many names (SRT, SNM3,
    99SDM).
    """
    return _KIND_OF.get(code.strip().upper())
