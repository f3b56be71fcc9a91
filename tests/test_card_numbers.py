"""Whose card it is: a number of the roster, alone or in an address; nothing else."""

import pytest

from pipeline.core.records import Student
from pipeline.intake.card_numbers import may_be_number, numbers_of, students_on

A, B = "2023141460001", "2023141460002"
STUDENTS = (Student(A, 2, student_no=A, capture_code="C0001"), Student(B, 3, student_no=B))
KNOWN = numbers_of(STUDENTS)


@pytest.mark.parametrize(
    ("codes", "named"),
    [
        (A, {A}),
        (f" {A} ", {A}),
        ("C0001", {A}),  # 采集码
        (f"https://example.org/c?code={A}&t=1", {A}),
        (f"学号：{B}", {B}),
        (f"{A}\n{B}", {A, B}),
        (f"{A}\nC0001", {A}),  # two codes of one student
        (f"{A}\nhttps://example.org/poster", {A}),
        (f"{A} {B}", {A, B}),
        (A[:-1], set()),
        ("https://example.org/C0001", set()),  # too short to be no chance
        ("", set()),
    ],
)
def test_a_code_names_a_student_by_a_number_alone_or_in_an_address(codes, named):
    assert students_on(codes, KNOWN) == named


def test_a_number_of_nobody_is_told_from_an_address():
    assert may_be_number("2023141469999")
    assert may_be_number("https://example.org\n2023141469999")
    assert not may_be_number("https://example.org/2023141469999")
    assert not may_be_number("欢迎新生")
    assert not may_be_number("")
