"""Copies found by hash: the same groups as comparing every pair one by one, and quickly."""

import time

import numpy as np
import pytest

from app.core.worklist.duplicates import exact_groups, near_copies, near_groups


def flipped(value, bits):
    """A hash with these of its 256 bits turned over."""
    number = int.from_bytes(value, "little")
    for bit in bits:
        number ^= 1 << int(bit)
    return number.to_bytes(32, "little")


def one_by_one(hashes, limit):
    """The same groups, the slow way."""
    group = list(range(len(hashes)))
    for i, first in enumerate(hashes):
        for j, second in enumerate(hashes[:i]):
            both = int.from_bytes(first, "little") ^ int.from_bytes(second, "little")
            if both.bit_count() <= limit:
                old, new = max(group[i], group[j]), min(group[i], group[j])
                group = [new if g == old else g for g in group]
    found = [[i for i, g in enumerate(group) if g == name] for name in sorted(set(group))]
    return [members for members in found if len(members) > 1]


def test_exact_copies_by_content():
    assert exact_groups(["a", "b", "a", "c", "b", "a"]) == [[0, 2, 5], [1, 4]]
    assert exact_groups(["a", "b"]) == []


def test_up_to_the_limit_and_not_beyond():
    base = bytes(range(32))
    hashes = [base, flipped(base, range(20)), flipped(base, range(100, 121)), bytes(32)]
    assert near_groups(hashes) == [[0, 1]]


def test_bits_of_any_word_count():
    base = bytes(32)
    for word in range(4):
        near, far = range(64 * word, 64 * word + 20), range(64 * word, 64 * word + 21)
        assert near_groups([base, flipped(base, near)]) == [[0, 1]]
        assert near_groups([base, flipped(base, far)]) == []


def test_the_same_groups_as_one_by_one():
    random = np.random.default_rng(3)
    seeds = [random.bytes(32) for _ in range(40)]
    hashes = [
        flipped(
            seeds[int(random.integers(40))], random.choice(256, int(random.integers(16)), False)
        )
        for _ in range(150)
    ]
    for limit in (8, 20):
        assert near_groups(hashes, bits=limit) == one_by_one(hashes, limit)


def test_a_chain_of_copies_is_one_group_across_blocks():
    random = np.random.default_rng(4)
    others = [random.bytes(32) for _ in range(1500)]
    chain = [flipped(bytes(32), range(15 * n)) for n in range(8)]
    hashes = [*others[:700], *chain[::2], *others[700:], *chain[1::2]]
    (group,) = near_groups(hashes)
    assert [hashes[i] for i in group] == [*chain[::2], *chain[1::2]]


def test_nothing_and_a_cancel():
    assert near_groups([]) == []
    assert near_groups([bytes(32)] * 2) == [[0, 1]]
    assert near_groups([bytes(32), flipped(bytes(32), [1])], cancelled=lambda: True) == []


@pytest.mark.alone
def test_ten_thousand_hashes_take_seconds():
    random = np.random.default_rng(5)
    hashes = [random.bytes(32) for _ in range(10_000)]
    hashes.append(flipped(hashes[17], [3, 99, 200]))
    started = time.perf_counter()
    assert near_groups(hashes) == [[17, 10_000]]
    assert time.perf_counter() - started < 10  # measured 0.3 s; one by one takes minutes


def test_copies_of_others_are_those_of_every_pair():
    random = np.random.default_rng(4)
    others = [random.bytes(32) for _ in range(700)]
    hashes = [random.bytes(32) for _ in range(600)]
    for at in range(0, 600, 7):
        hashes[at] = flipped(others[at], random.choice(256, 15 + at % 11, replace=False))
    pairs = [[int.from_bytes(each, "little") for each in side] for side in (hashes, others)]
    expected = [min((one ^ other).bit_count() for other in pairs[1]) <= 20 for one in pairs[0]]
    assert near_copies(hashes, others).tolist() == expected
    assert 10 < sum(expected) < 80
    assert near_copies(hashes, []).tolist() == [False] * 600
    assert near_copies([], others).tolist() == []
