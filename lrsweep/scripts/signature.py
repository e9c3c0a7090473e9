"""What the signature of a function or the fields of a class declare: names, types, defaults."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from lrsweep.scripts.parameter import Default, Many
from lrsweep.scripts.source import (
    Source,
    is_literal,
    keywords,
    last_name,
    literal,
    literal_list,
    literal_texts,
)
from lrsweep.space import Kind

Function = ast.FunctionDef | ast.AsyncFunctionDef
_KINDS: dict[str, Kind] = {"float": "float", "int": "int", "bool": "bool", "str": "text",
                           "Path": "text"}  # fmt: skip
_LISTS = ("list", "List", "tuple", "Tuple", "Sequence", "Iterable", "set", "Set")
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Type:
    """What an annotation says: which values it takes, whether None or a list of them."""

    kind: Kind | None = None
    nullable: bool = False
    is_list: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One argument or field. `path` leads to it through the dataclasses that hold it."""

    path: tuple[str, ...]
    type: Type
    default: Default
    knows_default: bool
    annotation: ast.expr | None = None
    value: ast.expr | None = None

    @property
    def name(self) -> str:
        """The dotted path."""
        return ".".join(self.path)

    @property
    def has_default(self) -> bool:
        """Whether it may be left out."""
        return self.value is not None


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a function; `default` is None where it has none."""

    name: str
    annotation: ast.expr | None
    default: ast.expr | None


def arguments(function: Function) -> Iterator[Argument]:
    """Positional ones first, `self` included."""
    args = function.args
    positional = [*args.posonlyargs, *args.args]
    without = [None] * (len(positional) - len(args.defaults))
    for arg, default in zip(positional, [*without, *args.defaults], strict=True):
        yield Argument(arg.arg, arg.annotation, default)
    for arg, keyword_default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield Argument(arg.arg, arg.annotation, keyword_default)


def fields_of_function(source: Source, function: Function) -> Iterator[Field]:
    """Its arguments, and the fields of those that are dataclasses."""
    for argument in arguments(function):
        if argument.name not in ("self", "cls"):
            yield from _fields(source, (argument.name,), argument.annotation, argument.default)


def fields_of_class(
    source: Source, found: ast.ClassDef, prefix: tuple[str, ...] = ()
) -> Iterator[Field]:
    """The annotated fields of a dataclass, those of its bases first."""
    if len(prefix) > _DEEPEST:
        return
    for base in found.bases:
        if (above := source.class_named(last_name(base))) is not None and above is not found:
            yield from fields_of_class(source, above, prefix)
    for line in found.body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            if last_name(getattr(line.annotation, "value", line.annotation)) == "ClassVar":
                continue
            yield from _fields(source, (*prefix, line.target.id), line.annotation, line.value)


def _fields(
    source: Source, path: tuple[str, ...], annotation: ast.expr | None, value: ast.expr | None
) -> Iterator[Field]:
    below = None if annotation is None else _dataclass(source, annotation)
    if below is not None:
        yield from fields_of_class(source, below, path)
        return
    default, known = _default(value)
    read = read_type(source, annotation)
    if annotation is None and known:
        read = type_of_default(default)
    yield Field(path, read, default, known, annotation, value)


def is_dataclass(found: ast.ClassDef) -> bool:
    """Whether a class is decorated as a dataclass."""
    return any(
        "dataclass" in last_name(d.func if isinstance(d, ast.Call) else d)
        or last_name(d.func if isinstance(d, ast.Call) else d) in ("define", "wrap", "frozen", "s")
        for d in found.decorator_list
    )


def _dataclass(source: Source, annotation: ast.expr) -> ast.ClassDef | None:
    node: ast.expr = annotation
    if isinstance(node, ast.Subscript) and last_name(node.value) == "Annotated":
        node = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) else node.slice
    name = node.value if isinstance(node, ast.Constant) else last_name(node)
    found = source.class_named(name) if isinstance(name, str) and name else None
    return found if found is not None and is_dataclass(found) else None


def _default(value: ast.expr | None) -> tuple[Default, bool]:
    if isinstance(value, ast.Call) and last_name(value.func) in ("field", "Option", "arg"):
        said = keywords(value)
        if "default" in said:
            return _default(said["default"])
        if "default_factory" in said:
            factory = said["default_factory"]
            inside = factory.body if isinstance(factory, ast.Lambda) else None
            return literal_list(inside), literal_list(inside) is not None
        first = value.args[0] if value.args else None
        return literal(first), is_literal(first)
    if isinstance(value, ast.Attribute):  # a member of an enumeration
        return value.attr, True
    if (items := literal_list(value)) is not None:
        return items, True
    return literal(value), is_literal(value)


def type_of_default(default: Default) -> Type:
    """What an argument without annotation takes, from its default."""
    if isinstance(default, bool):
        return Type("bool")
    if isinstance(default, float):
        return Type("float")
    if isinstance(default, str):
        is_list = default.startswith("[")
        return Type(None if is_list else "text", is_list=is_list)
    return Type(nullable=default is None)


def read_type(source: Source, annotation: ast.expr | None) -> Type:
    """What `annotation` allows; nothing is known where there is none."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            return Type()
    if annotation is None:
        return Type()
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        return _union(source, [annotation.left, annotation.right])
    if isinstance(annotation, ast.Constant) and annotation.value is None:
        return Type(nullable=True)
    if isinstance(annotation, ast.Subscript):
        return _subscript(source, annotation)
    name = last_name(annotation)
    if name in _LISTS:
        return Type(is_list=True)
    return Type(_KINDS.get(name), choices=choices(source, annotation))


def _subscript(source: Source, annotation: ast.Subscript) -> Type:
    inside = annotation.slice
    items = list(inside.elts) if isinstance(inside, ast.Tuple) else [inside]
    match last_name(annotation.value):
        case "Optional":
            inner = read_type(source, inside)
            return Type(inner.kind, True, inner.is_list, inner.choices)
        case "Union":
            return _union(source, items)
        case "Annotated" | "Final" | "Required":
            return read_type(source, items[0])
        case "Literal":
            values = [literal(item) for item in items]
            texts = tuple(str(value) for value in values if value is not None)
            return Type(None if None in values else _kind_of(values), None in values, choices=texts)
        case name if name in _LISTS:
            return Type(read_type(source, items[0]).kind, is_list=True)
    return Type()


def _kind_of(values: list[Default]) -> Kind | None:
    if all(isinstance(value, bool) for value in values):
        return "bool"
    if all(isinstance(value, str) for value in values):
        return "text"
    return None


def _union(source: Source, parts: list[ast.expr]) -> Type:
    types = [read_type(source, part) for part in parts]
    nullable = any(t.nullable for t in types)
    real = [t for t in types if t != Type(nullable=True)]
    if len(real) == 1:
        return Type(real[0].kind, nullable, real[0].is_list, real[0].choices)
    kinds = {t.kind for t in real}
    numbers = kinds == {"int", "float"}
    return Type("float" if numbers else None, nullable)


def is_named(annotation: ast.expr | None, name: str) -> bool:
    """Whether an annotation names the type `name`, alone or in a union with None."""
    if annotation is None:
        return False
    return any(last_name(node) == name for node in ast.walk(annotation))


def enumeration(source: Source, annotation: ast.expr | None) -> dict[str, str]:
    """The names and values of the enumeration of the script that `annotation` names."""
    for node in ast.walk(annotation) if annotation is not None else ():
        found = source.class_named(node.id) if isinstance(node, ast.Name) else None
        if found is not None and any("Enum" in last_name(base) for base in found.bases):
            members = {}
            for line in found.body:
                if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
                    value = literal(line.value)
                    name = line.targets[0].id
                    auto = isinstance(line.value, ast.Call) and value is None
                    members[name] = name.lower() if auto else str(value)
            return members
    return {}


def choices(source: Source, annotation: ast.expr | None) -> tuple[str, ...]:
    """The texts that `Literal["sgd", "adam"]` or an enumeration of the script allows."""
    for node in ast.walk(annotation) if annotation is not None else ():
        if isinstance(node, ast.Subscript) and last_name(node.value) == "Literal":
            items = node.slice
            return literal_texts(items) or tuple(str(v) for v in [literal(items)] if v is not None)
    return tuple(enumeration(source, annotation).values())


def many_of(read: Type, many: Many) -> Many:
    """`many` for a list, and "never" for what is none."""
    return many if read.is_list else "never"
