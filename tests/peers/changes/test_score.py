"""The score itself: what counts as found, as false, as covered. Run with `run --test`."""

import unittest

import detectors
import numpy as np
import perfherder
import score
import simulate


def truth(steps=(), drifts=(), points=100):
    """Truth about one series in the form of truth.json."""
    return {"points": points, "steps": [[i, 0.1] for i in steps], "drifts": [[a, b, 0.1] for a, b in drifts]}


def counted(known, *indices):
    """The three counts for these reports."""
    one = score.one(known, [{"index": i} for i in indices])
    return one["right"], one["false"], one["true"]


class Score(unittest.TestCase):
    """One-to-one matching, drifts, Cover, intervals."""

    def test_one_report_finds_one_step_and_a_second_nearby_is_false(self):
        self.assertEqual(counted(truth([50]), 52, 55), (1, 1, 1))

    def test_a_report_six_points_away_is_false(self):
        self.assertEqual(counted(truth([50]), 56), (0, 1, 1))

    def test_a_drift_is_found_once_and_more_reports_inside_are_not_false(self):
        self.assertEqual(counted(truth(drifts=[(20, 60)]), 15, 30, 64, 70), (1, 1, 1))

    def test_index_zero_and_the_end_are_no_reports(self):
        self.assertEqual(counted(truth(), 0, 100), (0, 0, 0))

    def test_cover_of_silence_is_that_of_the_largest_regime(self):
        self.assertAlmostEqual(score.cover([50], [], 100), 0.5)
        self.assertAlmostEqual(score.cover([50], [50], 100), 1.0)

    def test_tcpd_f1_of_silence_on_an_unchanged_series_is_one(self):
        self.assertEqual(score.one(truth(), [])["tcpd"], 1.0)
        self.assertAlmostEqual(score.one(truth([50]), [])["tcpd"], 2 / 3)

    def test_wilson_of_no_alarm_in_a_hundred_reaches_four_percent(self):
        low, high = score.wilson(0, 100)
        self.assertEqual(low, 0.0)
        self.assertAlmostEqual(high, 0.037, places=3)


class Series(unittest.TestCase):
    """The series and who reads them."""

    def test_a_series_is_the_same_in_a_short_and_in_a_long_run(self):
        for generator in simulate.GENERATORS:
            short, long = (simulate.series(generator, 7, number)[2]["values"] for number in (3, 9))
            np.testing.assert_array_equal(short, long)

    def test_steps_lie_inside_and_apart(self):
        for one in simulate.series("a", 7, 300):
            indices = [0, *(i for i, _ in one["steps"]), len(one["values"])]
            self.assertGreaterEqual(min(np.diff(indices)), 5, one["name"])

    def test_every_detector_finds_a_step_that_anybody_sees(self):
        values = np.random.default_rng(1).normal(100, 1, size=100)
        values[50:] += 20
        values[[7, 80]] = np.nan
        for name, detect in detectors.DETECTORS.items():
            self.assertTrue(any(abs(i - 50) <= 2 for i in detect(values)), name)

    def test_perfherder_is_silent_on_a_constant(self):
        self.assertEqual(perfherder.changes([3.0] * 60), [])


if __name__ == "__main__":
    unittest.main()
