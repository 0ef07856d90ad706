"""The audit: what samples leave out, and what is only chance."""

import dataclasses

import numpy as np
import pytest

from keras_gans.errors import InputError
from keras_gans.latent import Finding, audit


def people(count, seed, glasses=0.3, tie=0.4):
    """Attributes of which beards are tied to short hair."""
    random = np.random.default_rng(seed)
    long_hair = random.random(count) < 0.5
    beard = random.random(count) < np.where(long_hair, 0.4 - tie / 2, 0.4 + tie / 2)
    return {
        "long_hair": long_hair.astype(int),
        "beard": beard.astype(int),
        "glasses": (random.random(count) < glasses).astype(int),
        "skin": random.integers(0, 3, count),
    }


def by_name(findings):
    return {f"tie of {x.name}" if x.kind == "tie" else x.name: x for x in findings}


def test_numbers_are_shares_and_correlations():
    real, fake = people(3000, 0), people(2000, 1)
    findings = by_name(audit(real, fake, resamples=100))
    names = [*findings]
    assert names[:6] == ["long_hair", "beard", "glasses", "skin=0", "skin=1", "skin=2"]
    assert names[6:18] == [
        *(f"long_hair & {other}" for other in names[1:6]),
        *(f"beard & {other}" for other in names[2:6]),
        *(f"glasses & {other}" for other in names[3:6]),
    ]
    assert names[18:] == [f"tie of {name}" for name in names[6:18]]
    assert findings["beard"].real == pytest.approx(real["beard"].mean())
    assert findings["skin=2"].fake == pytest.approx((fake["skin"] == 2).mean())
    expected = np.corrcoef(fake["long_hair"], fake["beard"])[0, 1]
    assert findings["tie of long_hair & beard"].fake == pytest.approx(expected)
    both = (real["beard"] == 1) & (real["skin"] == 1)
    assert findings["beard & skin=1"].real == pytest.approx(both.mean())


def test_each_number_has_an_interval_of_its_own():
    findings = by_name(audit(people(1000, 0), people(250, 1), resamples=400))
    glasses = findings["glasses"]
    for share, error, count in (
        (glasses.real, glasses.real_error, 1000),
        (glasses.fake, glasses.fake_error, 250),
    ):
        assert error == pytest.approx(1.96 * np.sqrt(share * (1 - share) / count), rel=0.2)
    assert f"data {glasses.real:.1%} ± {glasses.real_error:.1%}, samples " in str(glasses)
    assert findings["tie of beard & glasses"].real_error == pytest.approx(1.96 / 1000**0.5, rel=0.2)


def test_sides_of_the_same_images_are_drawn_together():
    before = people(1000, 0)
    after = {name: values.copy() for name, values in before.items()}
    after["glasses"][np.flatnonzero(before["glasses"])[:30]] = 0
    apart, together = (
        by_name(audit(before, after, resamples=400, paired=paired)) for paired in (False, True)
    )
    assert not apart["glasses"].differs, "3 % of two sets of 1,000 is chance"
    assert together["glasses"].differs, "that 30 of the same faces lost theirs is not"
    assert together["glasses"].real_error == pytest.approx(apart["glasses"].real_error, rel=0.15)
    assert not together["beard"].differs
    with pytest.raises(InputError, match="as many images on both sides. Received: 1,000 and 999"):
        audit(before, people(999, 1), paired=True)


def test_two_sets_of_one_source_are_alike():
    found = [
        any(finding.differs for finding in audit(people(500, seed), people(500, 100 + seed)))
        for seed in range(20)
    ]
    assert sum(found) <= 3, "5 % of all audits, and not of all findings"


def test_what_is_amplified_is_found_and_nothing_else():
    findings = by_name(audit(people(4000, 0), people(4000, 1, glasses=0.15, tie=0.7)))
    moved = {"glasses", "long_hair & beard", "tie of long_hair & beard"}
    assert moved <= {name for name, x in findings.items() if x.differs}
    amplified = {name for name, x in findings.items() if x.amplified}
    assert {"glasses", "tie of long_hair & beard"} <= amplified
    assert all("glasses" in name for name in amplified - moved), "pairs with glasses are rarer too"
    glasses = findings["glasses"]
    assert glasses.low < -0.15 < glasses.high
    assert str(glasses).startswith("share of glasses: data 2")
    assert str(glasses).endswith(": amplified")
    assert "tie of long_hair & beard: data -0." in str(findings["tie of long_hair & beard"])


def test_kinds_that_nobody_sees():
    seen = {"skin": np.array([0, 1, 1])}
    assert [*by_name(audit(seen, seen))] == ["skin"]
    findings = by_name(audit(seen, seen, kinds={"skin": 3}))
    assert [*findings] == ["skin=0", "skin=1", "skin=2"]
    assert findings["skin=2"].real == findings["skin=2"].fake == 0


def test_nearer_to_even_is_other_and_not_amplified():
    finding = Finding("x", "share", 0.2, 0.4, 0.15, 0.25)
    assert finding.differs
    assert not finding.amplified
    assert str(finding).endswith("difference +15.0% to +25.0%: other")
    assert not Finding("a & b", "tie", 0.2, -0.4, -0.7, -0.5).amplified
    fifth = Finding("skin=2", "share", 0.21, 0.3, 0.05, 0.12, even=0.2)
    assert fifth.amplified, "of five kinds a fifth each would be even"


def test_what_the_data_do_not_have_is_other_and_not_amplified():
    """The side that chance puts the data on decides nothing."""
    tie = Finding("a & b", "tie", 0.01, 0.2, 0.1, 0.3, real_error=0.02)
    assert tie.differs
    assert not tie.amplified
    assert dataclasses.replace(tie, real=0.03).amplified


@pytest.mark.parametrize(
    ("fake", "options", "message"),
    [
        ({"hat": np.ones(3, int)}, {}, "same attributes, .* Received: hair and hat"),
        ({"hair": np.ones(1, int)}, {}, "two images or more .* Received: 3 and 1"),
        ({"hair": np.ones(3, int)}, {"level": 1}, "a level between 0 and 1. Received: 3 and 3, 1"),
        ({"hair": np.ones(3, int)}, {"resamples": 5}, "`resamples` must be"),
        ({"hair": np.ones(3, int)}, {"seed": -1}, "`seed` must be an integer of at least 0"),
    ],
)
def test_bad_input(fake, options, message):
    with pytest.raises(InputError, match=message):
        audit({"hair": np.ones(3, int)}, fake, **options)


def test_attributes_of_other_images():
    both = {"hat": np.zeros(4, int), "hair": np.zeros(3, int)}
    with pytest.raises(InputError, match=r"of the same images. Received: \[3, 4\] values"):
        audit(both, {name: np.zeros(4, int) for name in both})
