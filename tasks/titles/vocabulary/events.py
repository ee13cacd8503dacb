"""Events and games: how editors write them, and their official names.

The first matching entry wins, so longer ones come first. Words without an entry stay as they are written.
"""

from __future__ import annotations

from dataclasses import dataclass

MAIN, OTHER = "main_event", "other"


@dataclass(frozen=True, slots=True)
class Word:
    """A word of events or games: `pattern` (a regular expression) finds it, `official` replaces it.

    `game` is the game that it names, `kind` the type of an event that is not a bracelet event. `serial`:
    several broadcasts have exactly this name, and only their inventory numbers differ.
    """

    official: str
    pattern: str
    game: str | None = None
    kind: str | None = None
    serial: bool = False


_HOLDEM = r"hold ?['’]?em"
_NO, _POT = r"no[- ]?limit", r"(?:pot[- ]?limit|pl)"
_HI_LO = r"hi[-/ ]?lo"

WORDS = (
    Word("Main Event Championship", r"main event champ(?:ionship)?", kind=MAIN),
    Word("Super Main Event", r"super main event", kind=MAIN),
    Word("Mini Main Event", r"mini ?main ?event|mini ?main"),
    Word("Main Event", r"(?:mpp )?main ?event", kind=MAIN),
    # Shows that are not bracelet events
    Word("Tournament of Champions", r"tour?na?ment of champ(?:ion)?s|toc", kind=OTHER, serial=True),
    Word("Champions Invitational", r"champ(?:ion)?s? invitational", kind=OTHER),
    Word("Ante Up for Africa", r"ante up for africa", kind=OTHER),
    Word("Grudge Match", r"grudge match", kind=OTHER),
    Word("Beat the Legends Invitational", r"beat the legends(?: \[?invitational\]?)?", kind=OTHER),
    Word("GGMillion$ Cash Game", r"ggmillion\$ cash game", kind=OTHER),
    Word("Cash Game", r"cash game", kind=OTHER),
    # Named events
    Word("Poker Players Championship", r"(?:poker )?players champ(?:ionship)?|ppc"),
    Word("Heads-Up Championship", r"heads?[- ]?up champ(?:ionship)?|huc"),
    Word("Heads-Up No-Limit Hold'em", rf"heads?[- ]?up (?:{_NO} {_HOLDEM}|nlhe?)", "NLHE"),
    Word("National Championship", r"national champ(?:ionship)?|nat champ"),
    Word("Global Casino Championship", r"global casino champ(?:ionship)?"),
    Word("European Championship", r"european champ(?:ionship)?"),
    Word("Big One for One Drop", r"big one(?: for one drop)?"),
    Word("Mystery Millions", r"mystery millions"),
    Word("Mystery Bounty", r"m[yi]e?stery bounty|my\.?bo"),
    Word("Monster Stack", r"monster ?stack"),
    Word("Millionaire Maker", r"millionaire maker"),
    Word("Colossus", r"colossus"),
    Word("Gladiators of Poker", r"gladiators(?: of poker)?"),
    Word("Battle of the Ages", r"battle of the ages"),
    Word("Poker Hall of Fame Bounty", r"(?:poker )?hall of fame bounty"),
    Word("King's Million", r"king['’]?s million"),
    Word("GGMillion€", r"ggmillion ?€"),
    Word("House Warming", r"house ?warming"),
    Word("Grand Final", r"grand final"),
    Word("Super Turbo Bounty", r"super turbo bounty|stb"),
    Word("Ladies Championship", r"ladies champ(?:ionship)?"),
    # Games, the longer names first
    Word("No-Limit Hold'em 6-Max", r"nlh ?6[- ]?max", "NLHE"),
    Word("No-Limit Hold'em", rf"{_NO} (?:texas )?{_HOLDEM}|nlhth|nlth|nlhm|nlhe?|nl {_HOLDEM}", "NLHE"),
    Word("Pot-Limit Omaha Hi-Lo 8 or Better", rf"{_POT} omaha {_HI_LO} 8[- ]or[- ]better|plo ?8", "PLO8"),
    Word("Pot-Limit Omaha Hi-Lo", rf"{_POT} omaha {_HI_LO}", "PLO8"),
    Word("Pot-Limit Omaha", rf"{_POT} omaha|plo", "PLO"),
    Word("Big O", r"big o", "PLO8"),
    Word("Omaha Hi-Lo 8 or Better", rf"(?:limit )?omaha {_HI_LO} 8[- ]or[- ]better|o8", "O8"),
    Word("Omaha Hi-Lo", rf"(?:limit )?omaha {_HI_LO}", "O8"),
    Word("Pot-Limit Hold'em", rf"{_POT} {_HOLDEM}|plhe?"),
    Word("Limit Omaha", r"limit omaha"),
    Word("Omaha", r"omaha"),
    Word("Limit Hold'em", rf"limit {_HOLDEM}|lhe", "LHE"),
    Word("Texas Hold'em", rf"texas {_HOLDEM}"),
    Word("Hold'em", _HOLDEM),
    Word(
        "Seven Card Stud Hi-Lo 8 or Better",
        rf"(?:(?:seven|7)[- ]card )?stud {_HI_LO} 8[- ]or[- ]better",
        "STUD",
    ),
    Word("Seven Card Stud Hi-Lo", rf"(?:(?:seven|7)[- ]card )?stud {_HI_LO}|stud ?8", "STUD"),
    Word("Seven Card Stud", r"(?:(?:seven|7)[- ]card )?stud|7cs", "STUD"),
    Word("Razz", r"razz", "RAZZ"),
    Word("2-7 Lowball Triple Draw", r"(?:limit )?2[- ]7 lowball triple draw", "2-7"),
    Word("2-7 Triple Draw", r"(?:limit )?2[- ]?7 ?(?:triple draw|td)", "2-7"),
    Word("No-Limit 2-7 Lowball Draw", rf"{_NO} 2[- ]7 lowball draw", "2-7"),
    Word("No-Limit 2-7 Single Draw", rf"{_NO} 2[- ]7(?: single draw)?", "2-7"),
    Word("2-7 Lowball Draw", r"2[- ]7 lowball(?: draw)?|2[- ]7 draw|deuce to seven", "2-7"),
    Word("2-7", r"2[- ]7", "2-7"),
    Word("H.O.R.S.E.", r"h\.?o\.?r\.?s\.?e\.?", "MIXED"),
    Word("Big Bet Mix", r"big bet mix", "MIXED"),
    Word("Dealer's Choice", r"dealer['’]?s choice", "MIXED"),
    Word("Eight Game Mix", r"(?:eight|8)[- ]game mix", "MIXED"),
    Word("Nine Game Mix", r"(?:nine|9)[- ]game mix", "MIXED"),
    Word("Mixed", r"mixed", "MIXED"),
    Word("No-Limit", _NO, "NLHE"),
    Word("Pot-Limit", r"pot[- ]?limit"),
    # What events have besides their game
    Word("Super High Roller", r"super high[- ]?roller(?: poker)?|shr"),
    Word("Diamond High Roller", r"diamond high[- ]?roller"),
    Word("Platinum High Roller", r"platinum ?high[- ]?roller"),
    Word("High Roller", r"high[- ]?roller|hr"),
    Word("Championship", r"champ(?:ionship)?"),
    Word("6-Max", r"6[- ]?max"),
    Word("6-Handed", r"6[- ]?handed"),
    Word("8-Handed", r"8[- ]?handed"),
    Word("Freezeout", r"freeze ?out"),
    Word("Shootout", r"shoot ?out"),
    Word("Tag Team", r"tag team"),
    Word("Short Deck", r"short deck"),
    Word("Bounty", r"bounty"),
    Word("Ladies", r"ladies"),
    Word("Seniors", r"seniors"),
    Word("Turbo", r"turbo"),
)

# Written before an episode's number (`ME02`) or between hyphens (`-me-`); not read in free text.
CODES = {
    "ME": "Main Event",
    "HU": "Heads-Up Championship",
    "GM": "Grudge Match",
    "NC": "National Championship",
    "BO": "Big One for One Drop",
    "PPC": "Poker Players Championship",
    "GCC": "Global Casino Championship",
    "TOC": "Tournament of Champions",
    "HR": "High Roller",
}
