"""The mean and the variance another way: from the numbers and nothing else."""

from statistics import mean, pvariance

from worksheet.judge.step import Step


def run(problem):
    """One pass, and the same again as the check."""
    numbers = [number.value for number in problem.mean.values()]
    values = {"m": mean(numbers), "v": pvariance(numbers)}
    return [Step(0, values, {}), Step(1, values, {})]
