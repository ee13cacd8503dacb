"""Other names for the words of titles, as viewers type them. Data only; see docs/search.md, "New words".

All words have the form that `search.text.tokens` gives them: lower case, no accents, no punctuation.
"""

from __future__ import annotations

BRANDS = {
    "WSOP": "wsop world series of poker",
    "GGMILLIONS": "ggmillions gg millions",
    "GOG": "game of gold gog",
    "HCL": "hustler casino live hcl",
    "MPP": "merit poker premier mpp",
    "PAD": "poker after dark pad",
    "EPT": "ept european poker tour 유러피언 포커 투어",
    "WPT": "wpt world poker tour 월드 포커 투어",
    "TRITON": "triton poker series 트리톤",
    "HSP": "high stakes poker hsp 하이 스테이크 포커",
    "NAPT": "napt north american poker tour",
    "PGT": "pgt pokergo tour",
    "APT": "apt asian poker tour 아시안 포커 투어",
    "PSPC": "pspc pokerstars players championship",
    "BIG_GAME": "the big game pokerstars 빅 게임",
}

REGIONS = {
    "las_vegas": "las vegas",
    "europe": "europe wsope",
    "paradise": "paradise bahamas",
    "apac": "apac asia pacific",
    "circuit": "circuit wsopc",
    "super_circuit": "super circuit",
}

GAMES = {
    "NLHE": "nlhe nlh no limit holdem hold em texas",
    "LHE": "lhe limit holdem hold em",
    "PLO": "plo pot limit omaha",
    "PLO8": "plo8 pot limit omaha hi lo 8 or better",
    "O8": "o8 omaha hi lo 8 or better",
    "STUD": "stud seven 7 card",
    "RAZZ": "razz",
    "2-7": "2 7 27 deuce to seven lowball draw",
    "MIXED": "mixed games mix",
}

# Neighbouring words of a title, and what people type for them.
PHRASES = {
    "main event": "me 메인 이벤트 메인이벤트",
    "final table": "ft 파이널 테이블 파이널테이블",
    "heads up": "hu headsup 헤즈업",
    "high roller": "hr highroller 하이 롤러 하이롤러",
    "super high roller": "shr",
    "poker players championship": "ppc",
    "tournament of champions": "toc",
    "big one for one drop": "big one drop",
    "no limit holdem": "nlhe nlh",
    "pot limit omaha": "plo",
    "seven card stud": "7 7cs",
    "triple draw": "td",
    "6 max": "6max sixmax",
    "6 handed": "6handed sixhanded",
    "8 handed": "8handed eighthanded",
    "eight game": "8 8game",
    "nine game": "9 9game",
    "cash game": "cashgame",
    "world series of poker": "wsop",
    "best of": "bestof",
}

# Well-known players as Korean viewers write them, by a part of their name that no other player has.
PEOPLE = {
    "brunson": "브런슨 도일 브론슨 도일브런슨 도일브론슨",
    "dwan": "드완",
    "esfandiari": "에스판디아리",
    "hellmuth": "헬뮤스 헬무스 필 헬무트 필헬뮤스 필헬무스 필헬무트",
    "ivey": "아이비 필 필아이비",
    "moneymaker": "머니메이커",
    "negreanu": "네그라누 니그라누 네그레아누 다니엘 다니엘네그라누 다니엘니그라누 다니엘네그레아누",
    "ungar": "엉가",
}

COUNTED = {
    "day": "day",
    "episode": "episode",
    "ep": "episode",
    "event": "event",
    "season": "season",
    "part": "part",
    "hand": "hand",
    "데이": "day",
}
"""Nouns that have a number after them: `day 3` is a single thing, not a day and a three."""
