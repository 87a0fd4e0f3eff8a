"""`python3 -m unittest` runs this plugin without benchhost: from create to teardown, with every check of its own."""

import unittest

import benchhost
from bench import {{Type}}


class Test{{Type}}(unittest.TestCase):
    def test_both_methods_give_the_product(self):
        for method in ("indices", "rows"):
            report = benchhost.bench({{Type}}, params={"size": 8, "method": method}, iterations=3)

            self.assertEqual(report.iterations, 3)
            self.assertEqual(report.work.flop, 1024)
            self.assertLess(report.metrics["error"], 1e-12)

    def test_a_product_with_one_wrong_value_is_found(self):
        class _Disturbed({{Type}}):
            def iterate(self):
                super().iterate()
                self.product[1][2] += 1e-6

        with self.assertRaises(benchhost.Wrong):
            benchhost.bench(_Disturbed, params={"size": 8})

    def test_a_parameter_that_is_none_is_refused(self):
        with self.assertRaisesRegex(benchhost.ConfigError, "did you mean \"size\""):
            benchhost.bench({{Type}}, params={"sise": 8})


if __name__ == "__main__":
    unittest.main()
