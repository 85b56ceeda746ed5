"""Which words of a header name a part of the body, in several languages."""

from __future__ import annotations

import re
import unicodedata

_NOT_SAID = re.compile(
    r"(?:UNKNOWN|UNK|OTHER|NONE|NULL|DEFAULT|UNDEFINED|UNSPECIFIED|NA|ANY|MISC|MISCELLANEOUS"
    r"|GENERAL|BODY|BODYPART|NOT(?:SPECIFIED|DEFINED|KNOWN|AVAILABLE|APPLICABLE|SET)"
    r"|UNBEKANNT|SONSTIGES?|INCONNU|AUTRE|DESCONOCIDO|OTRO|DESCONHECIDO|OUTRO)?"
)

_CHEST = re.compile(
    r"CHEST|CXR|^CHST|THORA|TORA[XC]|\bLUNG|PULM|POUMON|BRUSTKORB|^BRUST$"
    r"|KLATK[AI] PIERS|BORSTKAS|MELLKAS|GOGUS|ГРУДН|ΘΩΡΑΚ|胸|흉부"
)
_NOT_CHEST = re.compile(r"SPINE|LUMB|WIRBEL|VERTEB|COLUMN|COLONNE|STERN|BREAST|MAMM|ESOPH|OUTLET")
_CHEST_AND_MORE = re.compile(r"TRUNK|TORSO|BABYGRAM")
_MORE = re.compile(r"ABD|PELV|NECK|WHOLE|TRUNK|TORSO|BABYGRAM")

# Of a description only whole words count: Manchester and "Abteilung" name no chest.
_CHEST_WORD = re.compile(
    r"\b(?:CHEST(?!ER)|CXR|THORA|TORA[XC]|LUNGS?\b|PULM|POUMON|BRUSTKORB"
    r"|KLATK[AI] PIERS|BORSTKAS|MELLKAS|GOGUS|ГРУДН|ΘΩΡΑΚ)|胸|흉부"
)
_WIDER_WORD = re.compile(r"\b(?:BABYGRAM|TRUNK|TORSO)\b")
_SPINE_WORD = re.compile(r"\b(?:SPINE|SPINAL|VERTEBRAE?|RACHIS|COLUMNA?|COLONNE|\w*WIRBEL\w*)\b")
_OF_THE_SPINE = re.compile(r"\b(?:THORAC|THORAK|TORAC[IO]|BRUST)\w*")
_OTHER_PART = re.compile(
    r"\b(?:"
    "TIBIA|FIBULA|ANKLE|FOOT|FEET|TOE|HEEL|CALCANEUS|KNEE|PATELLA|FEMUR|THIGH|HIP|PELVIS|LEG|"
    "HAND|WRIST|FINGER|THUMB|FOREARM|ELBOW|RADIUS|ULNA|HUMERUS|SHOULDER|CLAVICLE|SCAPULA|"
    "SKULL|SINUS|SINUSES|NASAL|ORBIT|MANDIBLE|JAW|DENTAL|NECK|ADENOID|"
    "LUMBAR|CERVICAL|SACRUM|COCCYX|CSPINE|LSPINE|TSPINE|SCOLIOSIS|STERNUM|BREAST|MAMMO|"
    "ABDOMEN|ABDOMINAL|KUB|EXTREMITY|EXTREMITIES|BONE AGE|"
    "KNIE|FUSS|SPRUNGGELENK|UNTERSCHENKEL|OBERSCHENKEL|BECKEN|HUFTE|HANDGELENK|UNTERARM|"
    "OBERARM|ELLENBOGEN|SCHULTER|SCHADEL|GENOU|CHEVILLE|PIED|JAMBE|HANCHE|BASSIN|POIGNET|COUDE|"
    "EPAULE|CRANE|RODILLA|TOBILLO|PIERNA|CADERA|MUNECA|CODO|HOMBRO|CRANEO|JOELHO|TORNOZELO|"
    "GINOCCHIO|CAVIGLIA|BACINO|POLSO|GOMITO|SPALLA"
    r")S?\b"
)

CHEST = "CHEST"
"""What ``parts_named`` calls the chest, whatever the language."""


def plain_words(text: str) -> str:
    """Upper-case words parted by single spaces; no accents, digits or punctuation."""
    parted = unicodedata.normalize("NFKD", text.upper())
    bare = "".join(char for char in parted if not unicodedata.combining(char))
    # Composed again: Korean syllables come apart, too.
    return re.sub(r"[\W\d_]+", " ", unicodedata.normalize("NFC", bare)).strip()


def says_no_part(said: str) -> bool:
    """Whether a body part is empty or a word for not knowing."""
    return _NOT_SAID.fullmatch(plain_words(said).replace(" ", "")) is not None


def is_chest(said: str) -> bool:
    """Whether a body part is the chest, alone or with what lies beside it."""
    words = plain_words(said)
    if _CHEST_AND_MORE.search(words):
        return True
    return bool(_CHEST.search(words)) and not _NOT_CHEST.search(words)


def is_wider(said: str) -> bool:
    """Whether a body part that ``is_chest`` takes in more than the chest."""
    return bool(_MORE.search(plain_words(said)))


def parts_named(description: str) -> tuple[str, ...]:
    """The parts of the body that free text names; nothing else of the text.

    Parameters
    ----------
    description
        Such as SeriesDescription.

    Returns
    -------
    tuple[str, ...]
        ``CHEST`` first where the chest is among them, then other words of a fixed list as they
        stand, in upper case and without accents. "Thoracic spine" names a spine, no chest.
    """
    words = plain_words(description)
    spine = _SPINE_WORD.findall(words)
    if spine:
        words = _OF_THE_SPINE.sub(" ", words)
    chest = [CHEST] if _CHEST_WORD.search(words) else []
    wider, other = _WIDER_WORD.findall(words), _OTHER_PART.findall(words)
    return tuple(dict.fromkeys([*chest, *wider, *(["SPINE"] if spine else []), *other]))
