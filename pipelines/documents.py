"""Settings that people write as YAML: read with line numbers, refused with one sentence.

What the settings are stands in the models that build on `Settings`.
"""

import re
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError

from pipelines.errors import InputError

MISPLACED = "misplaced"


def refuse_at(location: tuple[str, ...], problem: str) -> PydanticCustomError:
    """Return an error of the whole data set that is found at one key of the file."""
    context = {"location": list(location), "problem": problem}
    return PydanticCustomError(MISPLACED, "{problem}", context)


class Settings(BaseModel):
    """Base of every block: unknown keys are refused and nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Loader(yaml.SafeLoader):
    """Reads plain YAML; what cannot become a value has its line in the error."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Return the value of a node.

        Raises ConstructorError also where PyYAML lets errors of Python pass, as for 30 February.
        """
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, AttributeError, TypeError) as error:
            raise yaml.constructor.ConstructorError(
                None, None, f"{error}".rstrip("."), node.start_mark
            ) from error


def read_yaml(path: Path) -> tuple[Any, yaml.Node | None]:
    """Return the content of a YAML file, and its nodes, which know their lines.

    Raises InputError with the line where it is no UTF-8 text or no YAML, or a key stands twice.
    """
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(
            f"{path}, line {line}: the bytes are not UTF-8 text; save the file as UTF-8."
        ) from error
    try:
        loader = Loader(text)
        nodes = loader.get_single_node()
        refuse_repeated_keys(path, nodes)
        return (None if nodes is None else loader.construct_document(nodes)), nodes
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = str(error.problem)
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        problem = f"the character {chr(error.character)!r} is not allowed"
    except RecursionError:
        line, problem = 1, "it is nested too deeply"
    raise InputError(f"{path}, line {line}: this is not YAML: {problem}.")


def refuse_repeated_keys(
    path: Path, node: yaml.Node | None, visited: set[int] | None = None
) -> None:
    """Raise InputError where a key stands twice in one block; YAML would take the last silently.

    A node that many references lead to is looked at once.
    """
    visited = set() if visited is None else visited
    if id(node) in visited:
        return
    visited.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for entry in node.value:
            refuse_repeated_keys(path, entry, visited)
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise InputError(
                    f"{path}, line {key.start_mark.line + 1}: {key.value} stands twice; remove one."
                )
            seen.add(str(key.value))
            refuse_repeated_keys(path, value, visited)


def explain_validation(path: Path, nodes: yaml.Node | None, error: ValidationError) -> str:
    """Return one sentence for the first thing that is wrong."""
    first = error.errors(include_url=False)[0]
    location = [part for part in first["loc"] if not is_union_branch(part)]
    is_only_source = location[:1] == ["files"] and location[2:3] == [0]
    shown = [*location[:2], *location[3:]] if is_only_source else location
    key = ".".join(str(part) for part in shown)
    if first["type"] == MISPLACED:
        location = first["ctx"]["location"]
    line = find_line(nodes, location)
    if first["type"] == "extra_forbidden":
        problem = f"is not a key that {path.name} has; remove it or correct its spelling"
    elif first["type"] == "missing":
        problem = "is required; add it"
    else:
        problem = first["msg"].removeprefix("Value error, ")
        problem = problem[0].lower() + problem[1:]
    subject = f"{key}: " if key else ""
    return f"{path}, line {line}: {subject}{problem}."


def is_union_branch(part: object) -> bool:
    """Whether a part of a validation path names a type of a union instead of a key."""
    return (
        isinstance(part, str) and re.search(r"[\[\](),-]|^(date|int|float|str)$", part) is not None
    )


def find_line(node: yaml.Node | None, location: list[Any]) -> int:
    """Return the line of the deepest part of `location` that stands in the file."""
    line = 1
    for part in location:
        if isinstance(node, yaml.MappingNode) and isinstance(part, int):
            continue  # one entry stands in place of a list of one
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    line, node = key.start_mark.line + 1, value
                    break
            else:
                return line
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            if part >= len(node.value):
                return line
            node = node.value[part]
            line = node.start_mark.line + 1
    return line
