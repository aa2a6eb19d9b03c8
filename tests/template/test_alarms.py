"""The alarms go off when they should and not otherwise, the dashboard shows what it says, logs are kept for a while."""

import json
import re
from typing import Any

import pytest

from observability import SERVICE, metrics
from tests.template.conftest import Deploy, Json, of_type

COMPONENT = [{"Name": "InferenceComponentName", "Value": "f5tts-voice-generator-model"}]
ALIAS = [{"Name": "FunctionName", "Value": "<ApiFunction>"}, {"Name": "Resource", "Value": "<ApiFunction>:live"}]


@pytest.fixture
def alarms(resources: Json) -> Json:
    return of_type(resources, "AWS::CloudWatch::Alarm")


def window(alarm: Json) -> int:
    """Seconds for which the threshold must be passed."""
    seconds: int = alarm["Period"] * alarm["EvaluationPeriods"]
    return seconds


def test_there_is_an_alarm_for_each_of_these(alarms: Json) -> None:
    assert alarms.keys() == {
        "Endpoint4xxAlarm",
        "Endpoint5xxAlarm",
        "LatencyAlarm",
        "GpuAlarm",
        "NoCapacityAlarm",
        "ApiThrottlesAlarm",
        "LambdaThrottlesAlarm",
        "LambdaErrorsAlarm",
        "JobsFailedAlarm",
        "JobsWaitAlarm",
    }


def test_every_alarm_tells_the_one_topic_and_is_quiet_when_nothing_happens(alarms: Json) -> None:
    for alarm in alarms.values():
        assert alarm["AlarmActions"] == ["<AlarmTopic>"]
        assert alarm["TreatMissingData"] == "notBreaching"
        assert len(alarm["AlarmDescription"]) > 40


def test_the_topic_sends_mail_only_where_an_address_was_given(deploy: Deploy) -> None:
    assert of_type(deploy()["Resources"], "AWS::SNS::Subscription") == {}
    [subscription] = of_type(deploy(AlarmEmail="on@call.example")["Resources"], "AWS::SNS::Subscription").values()
    assert subscription == {"TopicArn": "<AlarmTopic>", "Protocol": "email", "Endpoint": "on@call.example"}


@pytest.mark.parametrize(
    ("name", "metric"), [("Endpoint4xxAlarm", "Invocation4XXErrors"), ("Endpoint5xxAlarm", "Invocation5XXErrors")]
)
class TestErrors:
    def queries(self, alarms: Json, name: str) -> dict[str, Any]:
        return {query["Id"]: query for query in alarms[name]["Metrics"]}

    def test_they_are_counted_apart_over_five_minutes(self, alarms: Json, name: str, metric: str) -> None:
        queries = self.queries(alarms, name)
        for identity, counted in (("errors", metric), ("calls", "Invocations")):
            stat = queries[identity]["MetricStat"]
            assert stat["Metric"] == {
                "Namespace": "AWS/SageMaker",
                "MetricName": counted,
                "Dimensions": COMPONENT,
            }
            assert (stat["Stat"], stat["Period"]) == ("Sum", 300)
        assert alarms[name]["EvaluationPeriods"] == 1

    def test_more_than_five_percent_of_invocations_is_too_many(self, alarms: Json, name: str, metric: str) -> None:  # noqa: ARG002
        queries = self.queries(alarms, name)
        assert [identity for identity, query in queries.items() if query.get("ReturnData", True)] == ["ratio"]
        assert (alarms[name]["Threshold"], alarms[name]["ComparisonOperator"]) == (5, "GreaterThanThreshold")
        expression = queries["ratio"]["Expression"]
        found = re.fullmatch(r"IF\((.*), (.*), (.*)\)", expression)
        assert found, expression

        def percent(errors: int, calls: int) -> float:
            condition, then, otherwise = found.groups()
            values = {"errors": errors, "refused": errors, "calls": calls}
            return float(eval(then if eval(condition, values) else otherwise, values))  # noqa: S307 -- ours

        assert percent(1, 20) == 5
        assert percent(2, 20) > 5
        assert percent(0, 0) == 0, "no traffic is no error"


def test_a_line_that_came_when_there_was_too_much_to_do_was_not_refused(alarms: Json) -> None:
    queries = {query["Id"]: query for query in alarms["Endpoint4xxAlarm"]["Metrics"]}
    assert queries["refused"]["Expression"] == "errors - FILL(overloads, 0)"
    assert not queries["refused"]["ReturnData"]
    counted = queries["overloads"]["MetricStat"]
    assert counted["Metric"] == {
        "Namespace": metrics.namespace,
        "MetricName": "Overloads",
        "Dimensions": [{"Name": "service", "Value": SERVICE}],
    }
    assert (counted["Stat"], counted["Period"]) == ("Sum", 300)


def test_a_slow_line_in_a_hundred_is_told_and_ten_seconds_are_ten_million_microseconds(alarms: Json) -> None:
    alarm = alarms["LatencyAlarm"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SageMaker", "ModelLatency")
    assert alarm["Dimensions"] == COMPONENT
    assert (alarm["ExtendedStatistic"], alarm["Unit"]) == ("p99", "Microseconds")
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (10 * 1_000_000, "GreaterThanThreshold")


def test_gpus_above_ninety_percent_for_all_of_five_minutes_are_told(alarms: Json) -> None:
    alarm = alarms["GpuAlarm"]
    assert alarm["Namespace"] == "/aws/sagemaker/InferenceComponents"
    assert alarm["MetricName"] == "GPUUtilizationNormalized"
    assert alarm["Dimensions"] == COMPONENT
    assert (alarm["Statistic"], alarm["Threshold"]) == ("Average", 90)
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    assert window(alarm) == 300
    assert "DatapointsToAlarm" not in alarm, "a minute below it would be forgiven"


def test_no_capacity_is_told_only_when_it_stays_longer_than_a_start_from_zero(alarms: Json) -> None:
    alarm = alarms["NoCapacityAlarm"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SageMaker", "NoCapacityInvocationFailures")
    assert alarm["Dimensions"] == COMPONENT
    assert (alarm["Statistic"], alarm["Threshold"]) == ("Sum", 0)
    assert window(alarm) >= 15 * 60


def test_requests_that_were_throttled_are_counted_in_the_access_log(alarms: Json, resources: Json) -> None:
    [counted] = of_type(resources, "AWS::Logs::MetricFilter").values()
    assert counted["LogGroupName"] == "<ApiAccessLogs>"
    [counter] = counted["MetricTransformations"]
    alarm = alarms["ApiThrottlesAlarm"]
    assert (alarm["Namespace"], alarm["MetricName"]) == (counter["MetricNamespace"], counter["MetricName"])
    assert (alarm["Statistic"], window(alarm)) == ("Sum", 300)
    for stage in of_type(resources, "AWS::ApiGateway::Stage").values():
        assert stage["AccessLogSetting"]["DestinationArn"] == "<ApiAccessLogs.Arn>"
        assert json.loads(stage["AccessLogSetting"]["Format"])["refused_as"] == "$context.error.responseType"
    # API Gateway's own names of these answers: the Lambda's 429 has none.
    assert counted["FilterPattern"] == '{ $.refused_as = "THROTTLED" || $.refused_as = "QUOTA_EXCEEDED" }'


@pytest.mark.parametrize(("name", "metric"), [("LambdaErrorsAlarm", "Errors"), ("LambdaThrottlesAlarm", "Throttles")])
def test_the_lambda_that_is_called_is_watched(alarms: Json, name: str, metric: str) -> None:
    alarm = alarms[name]
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Dimensions"]) == ("AWS/Lambda", metric, ALIAS)
    assert (alarm["Statistic"], alarm["Threshold"]) == ("Sum", 0)
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"


@pytest.mark.parametrize(
    ("name", "metric", "statistic", "threshold"),
    [("JobsFailedAlarm", "JobsBroken", "Sum", 0), ("JobsWaitAlarm", "JobWaitSeconds", "Maximum", 30 * 60)],
)
def test_jobs_that_fail_or_wait_too_long_are_told(
    alarms: Json, name: str, metric: str, statistic: str, threshold: int
) -> None:
    alarm = alarms[name]
    assert (alarm["Namespace"], alarm["MetricName"]) == (metrics.namespace, metric)
    assert alarm["Dimensions"] == [{"Name": "service", "Value": SERVICE}]
    assert (alarm["Statistic"], alarm["Threshold"]) == (statistic, threshold)
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"


def test_logs_are_kept_for_a_while(deploy: Deploy) -> None:
    groups = of_type(deploy(LogRetentionDays="7")["Resources"], "AWS::Logs::LogGroup")
    assert groups.keys() == {
        "EndpointLogs",
        "InferenceComponentLogs",
        "ApiFunctionLogs",
        "ApiAccessLogs",
        "JobFunctionLogs",
    }
    assert {group["RetentionInDays"] for group in groups.values()} == {"7"}


class TestDashboard:
    @pytest.fixture
    def widgets(self, deploy: Deploy) -> dict[str, Json]:
        [dashboard] = of_type(deploy(InstanceDollarsPerHour="1.5")["Resources"], "AWS::CloudWatch::Dashboard").values()
        return {each["properties"]["title"]: each for each in json.loads(dashboard["DashboardBody"])["widgets"]}

    def metrics(self, widget: Json) -> list[Json]:
        """A widget's metrics with CloudWatch's short forms spelled out."""
        spelled: list[Json] = []
        before: list[str] = []
        for metric in widget["properties"]["metrics"]:
            written = [each for each in metric if isinstance(each, str)]
            names = [before[place] if name == "." else name for place, name in enumerate(written)]
            names = before if names == ["..."] else names
            options = metric[-1] if isinstance(metric[-1], dict) else {}
            spelled.append({"names": names, **options})
            before = names or before
        return spelled

    def test_it_shows_all_of_this_side_by_side(self, widgets: dict[str, Json]) -> None:
        assert len(widgets) == 11
        places = [
            (x, y)
            for widget in widgets.values()
            for x in range(widget["x"], widget["x"] + widget["width"])
            for y in range(widget["y"], widget["y"] + widget["height"])
        ]
        assert len(places) == len(set(places)), "widgets overlap"
        assert max(x for x, _ in places) == 23

    def test_it_shows_every_alarm(self, widgets: dict[str, Json], alarms: Json) -> None:
        assert set(widgets["Alarms"]["properties"]["alarms"]) == {f"<{name}.Arn>" for name in alarms}

    def test_it_shows_what_the_endpoint_was_asked(self, widgets: dict[str, Json]) -> None:
        shown = [metric["names"][:2] for metric in self.metrics(widgets["Invocations of the endpoint"])]
        assert shown == [
            ["AWS/SageMaker", name]
            for name in (
                "Invocations",
                "Invocation4XXErrors",
                "Invocation5XXErrors",
                "NoCapacityInvocationFailures",
            )
        ]

    def test_it_shows_latency_in_seconds(self, widgets: dict[str, Json]) -> None:
        shown = self.metrics(widgets["Time to speak a line, seconds"])
        assert [metric["expression"] for metric in shown[:2]] == ["p50 / 1000000", "p99 / 1000000"]
        assert {(metric["id"], metric["stat"], metric["names"][1]) for metric in shown[2:]} == {
            ("p50", "p50", "ModelLatency"),
            ("p99", "p99", "ModelLatency"),
        }

    def test_it_takes_the_lambdas_own_metrics_by_their_names(self, widgets: dict[str, Json]) -> None:
        audio = self.metrics(widgets["Audio handed out, seconds a second"])
        store = self.metrics(widgets["Lines found in the store, %"])
        assert audio[0]["expression"] == "audio / PERIOD(audio)"
        assert store[0]["expression"] == "100 * hits"
        # A hit counts 1 and a miss 0, so the average is the rate.
        assert (audio[1]["stat"], store[1]["stat"]) == ("Sum", "Average")
        for metric, name in ((audio[1], "AudioSeconds"), (store[1], "StoreHits")):
            assert metric["names"] == [metrics.namespace, name, "service", SERVICE]

    def test_it_estimates_what_the_instances_cost(self, widgets: dict[str, Json]) -> None:
        running, cost, reports = self.metrics(widgets["Instances, and what they cost: dollars an hour (estimated)"])
        assert running["expression"] == "FILL(instances, 0)"
        assert cost["expression"] == "FILL(instances, 0) * 1.5"
        assert (reports["id"], reports["stat"]) == ("instances", "SampleCount")
        assert reports["names"][0] == "/aws/sagemaker/Endpoints"

    def test_it_is_where_the_output_says(self, deploy: Deploy) -> None:
        url = deploy()["Outputs"]["DashboardUrl"]["Value"]
        assert url.endswith("#dashboards/dashboard/<Dashboard>")
