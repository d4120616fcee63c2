#!/usr/bin/python3
"""Holds every book against the schema, with a validator that knows nothing of
cairn: what lint takes must fit, what is wrong in shape must not.

usage: books.py SCHEMA SRCDIR CAIRN SCRATCH
"""
import json
import os
import re
import subprocess
import sys

from jsonschema import Draft202012Validator
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import YAMLError


class Plain(SafeConstructor):
    """A date is text in a book."""


Plain.add_constructor("tag:yaml.org,2002:timestamp",
                      SafeConstructor.construct_yaml_str)

# What lint says about shape: one key and its value, nothing beside.
SHAPE = re.compile("|".join([
    r": unknown key '", r": '[a-z_]+' is not built yet$",
    r" wants the key '", r"is a map, not ", r": `[^`]+` wants .*, not ",
    r" cannot be a look", r" cannot stand in an undo",
    r"or a look, not a list", r": an element of `[^`]+` is text, not ",
    r" is no name$", r"cannot be the name of ", r" takes no expression$",
    r": `[^`]+` is an expression already$", r" does one thing: ",
    r" names no program$", r": a status is a number from ",
    r" is text, or \{file", r"`steps` or `phases`", r"a phase (wants|has) `",
    r" stands at the step itself, never in ", r" has no value$",
    r"this cairn reads `version", r" is a map of a step's keys, not ",
    r" is a map or a list", r"there is no step in `steps`"]))
# A path, or a check that is asked for: lint says it in the same words.
NOT_SHAPE = re.compile(r"`include: |lib:| cannot stand beside ")
# A name in an expression that comes later, in the words of a key.
NOT_SHAPE_CASES = {"later-names"}


def load(path):
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = Plain
    yaml.version = "1.2"
    with open(path, encoding="utf-8") as f:
        return yaml.load(f)


class Checker:
    def __init__(self, schema, cairn):
        Draft202012Validator.check_schema(schema)
        self.cairn = cairn
        self.book = Draft202012Validator(schema)
        self.file = Draft202012Validator(
            {"$defs": schema["$defs"], "$ref": "#/$defs/step_file"})
        self.bad = 0
        self.valid = self.wrong = 0

    def complaint(self, path):
        """What the schema says against a file, or None."""
        try:
            tree = load(path)
        except YAMLError as e:
            return "no YAML 1.2: " + str(e).replace("\n", " ")
        is_book = isinstance(tree, dict) and "version" in tree
        root = os.path.basename(path) in ("runbook.yaml", "one.yaml")
        validator = self.book if is_book or root else self.file
        for error in validator.iter_errors(tree):
            where = "/".join(map(str, error.absolute_path))
            return "at %s: %.300s" % (where, error.message)
        return None

    def lint(self, book):
        return subprocess.run([self.cairn, "lint", book], timeout=60,
                              capture_output=True, text=True,
                              errors="replace")

    def fits(self, path):
        self.valid += 1
        said = self.complaint(path)
        if said is not None:
            self.bad += 1
            print("%s is valid and does not fit: %s" % (path, said))

    def fits_not(self, paths, why):
        self.wrong += 1
        if all(self.complaint(p) is None for p in paths):
            self.bad += 1
            print("%s fits, but lint says: %s" % (paths[0], why))


def yaml_files(root):
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            if name.endswith(".yaml"):
                yield os.path.join(folder, name)


def wrong_in_shape(message_file):
    with open(message_file, encoding="utf-8", errors="replace") as f:
        for line in f:
            line = line.rstrip("\n")
            if SHAPE.search(line) and not NOT_SHAPE.search(line):
                return line
    return None


def invalid_books(checker, root):
    for case in sorted(os.listdir(root)):
        if case in NOT_SHAPE_CASES:
            continue
        folder = os.path.join(root, case)
        why = wrong_in_shape(os.path.join(folder, "error"))
        if why is not None:
            checker.fits_not(list(yaml_files(folder)), why)


def valid_books(checker, root):
    for path in yaml_files(root):
        checker.fits(path)


def books_in_scripts(checker, srcdir, scratch):
    """Those between <<'YAML' and YAML: lint says which are valid."""
    for folder in ("cli", "crash", "main"):
        for name in sorted(os.listdir(os.path.join(srcdir, "tests", folder))):
            if not name.endswith(".sh"):
                continue
            path = os.path.join(srcdir, "tests", folder, name)
            with open(path, encoding="utf-8") as f:
                texts = re.findall(r"<<'YAML'\n(.*?)^YAML$", f.read(),
                                   re.DOTALL | re.MULTILINE)
            for i, text in enumerate(texts):
                book = os.path.join(scratch, "%s-%d.yaml" % (name, i))
                with open(book, "w", encoding="utf-8") as f:
                    f.write(text)
                if checker.lint(book).returncode == 0:
                    checker.fits(book)


def main():
    schema, srcdir, cairn, scratch = sys.argv[1:]
    with open(schema, encoding="utf-8") as f:
        checker = Checker(json.load(f), cairn)
    valid_books(checker, os.path.join(srcdir, "runbooks"))
    valid_books(checker, os.path.join(srcdir, "tests/book/valid"))
    invalid_books(checker, os.path.join(srcdir, "tests/book/invalid"))
    books_in_scripts(checker, srcdir, scratch)
    print("%d valid files, %d wrong ones, %d do not agree" %
          (checker.valid, checker.wrong, checker.bad))
    if checker.valid < 30 or checker.wrong < 50:
        sys.exit("too few books were found: is %s the source?" % srcdir)
    sys.exit(checker.bad > 0)


main()
