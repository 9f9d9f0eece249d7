"""What a lecturer writes in a lecture file: its sections, the problems they are made of, and what
is said for all of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..problem import DETAILS, PHASES
from ..spec.load import as_text, schema_of
from ..spec.models import HARD_LIMITS, Coded, Detailed, Noted, Part, Profile, RoundingPart
from ..spec.values import Flag, Name, Text, either, whole
from ..spec.yaml_reader import Node

KEY = "lecture"
MOST = 200  # sections


class SectionPart(Part):
    """One section: its heading, then its prose, its part of a problem, its figure, a question to
    the reader, its subsections, and its program, as far as it has them."""

    title: Text = Field(None, description="the heading; left out, that of the part, or none")
    problem: Text = Field(
        None,
        description="the problem that this section and those in it speak of: a name of `problems`, a spec in the "
        "lecture's folder, or a name from `worksheet list`; with nothing else said, the whole problem stands here",
    )
    part: either(
        "a part, or a list of quantities",
        word=Name,
        list=Annotated[list[Name], Field(min_length=1, max_length=50)],
    ) = Field(
        None,
        description="all, statement, or another block of the family's template (forward, loss, backward, update, check, summary; "
        "derivative, slope, change); or quantities, such as dL_dw_1",
    )
    phase: Literal[PHASES] = Field(
        None, description="where a quantity is worked more than once: which time"
    )
    epoch: whole(1, HARD_LIMITS["epochs"]) = Field(1, description="the epoch of the quantities")
    text: Text = Field(None, description="prose in Markdown, with formulas between dollars")
    file: Text = Field(None, description="prose in a Markdown file in the lecture's folder")
    figure: Text = Field(
        None,
        description="a figure of the problem: loss, gradient-descent, loss-curve, tangent, ...",
    )
    question: Text = Field(
        None,
        description="what the reader should try before reading on, prose as in `text`; needs an answer",
        examples=["Which way should $w$ go?"],
    )
    answer: Text = Field(
        None,
        description="the answer to the question, prose as in `text`; it stands at the end of the lecture, where every value is known",
    )
    code: Coded = Field(
        None,
        description="the section ends with a program that prints the numbers of its problem, in NumPy or in PyTorch",
        examples=["numpy"],
    )
    slides: Flag = Field(
        True,
        description="false: slides leave this section out, and what is in it; it is there for whoever reads",
    )
    detail: Literal[DETAILS] = Field(None, description="how much working this section shows")
    rounding: RoundingPart = Field(
        None,
        description="of the problem in this section and those in it, instead of the lecture's; worked out anew",
    )
    notation: Noted = Field(
        None, description="of the problem in this section and those in it, over the lecture's"
    )
    sections: Annotated[list[SectionPart], Field(min_length=1)] = Field(
        None, description="its subsections"
    )


class ProblemPart(Part):
    """A problem of a lecture under a name of the lecture's, with a profile of its own."""

    spec: Text = Field(
        description="a spec in the lecture's folder, or a name from `worksheet list`",
        examples=["linear-chain"],
    )
    rounding: RoundingPart = Field(None, description="instead of the lecture's and the spec's")
    notation: Noted = Field(None, description="instead of the lecture's and the spec's")
    detail: Detailed = Field(None, description="instead of the lecture's and the spec's")


class LectureFile(Profile):
    """A lecture: sections made of problems, parts of them, figures and prose. rounding, notation
    and detail are for all its problems."""

    title: Text = Field(
        alias=KEY,
        description="the title of the lecture, one line",
        examples=["Backpropagation from scratch"],
    )
    course: Text = Field("", description="the name of the course")
    problems: dict[Name, either("a problem", word=Text, mapping=ProblemPart)] = Field(
        default_factory=dict,
        max_length=50,
        description="problems under names of your own",
        examples=[{"net": "linear-chain"}],
    )
    sections: Annotated[list[SectionPart], Field(min_length=1, max_length=MOST)] = Field(
        description="the sections in order",
        examples=[[{"problem": "linear-chain", "part": "forward"}]],
    )


def schema_text() -> str:
    """What `worksheet schema lecture` prints and problems/lectures/schema.json holds."""
    return as_text(schema_of(LectureFile, KEY))


def is_lecture(root: Node) -> bool:
    """Whether a file that has been read is a lecture."""
    return root.get(KEY) is not None
