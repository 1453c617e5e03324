#!/usr/bin/env python3
"""speedscope.py check|fold|names|events FILE - a file of speedscope, read by its schema alone

  check   it is what https://www.speedscope.app/file-format-schema.json asks for: events balance, in order of time, indices in range;
          which the others see to as well
  fold    its stacks with their weights, as folded text
  names   the names of its profiles
  events  each event as `profile type frame at`, each sample as `profile weight frames`
"""
import json
import sys

UNITS = {"bytes", "microseconds", "milliseconds", "nanoseconds", "none", "seconds"}


def check_evented(profile, frames):
    last, stack = profile["startValue"], []
    for event in profile["events"]:
        assert set(event) == {"type", "frame", "at"} and 0 <= event["frame"] < len(frames), event
        assert isinstance(event["at"], int) and last <= event["at"] <= profile["endValue"], event
        last = event["at"]
        if event["type"] == "O":
            stack.append(event["frame"])
        else:
            assert event["type"] == "C" and stack.pop() == event["frame"], event
    assert not stack and last == profile["endValue"], profile["name"]


def check_sampled(profile, frames):
    assert len(profile["samples"]) == len(profile["weights"])
    assert all(0 <= i < len(frames) for sample in profile["samples"] for i in sample)
    assert all(sample for sample in profile["samples"]) and all(weight > 0 for weight in profile["weights"])
    assert len(set(map(tuple, profile["samples"]))) == len(profile["samples"]), "a stack twice"
    assert abs(sum(profile["weights"]) - profile["endValue"]) < 0.0005


def check(doc):
    assert doc["$schema"] == "https://www.speedscope.app/file-format-schema.json"
    assert doc["exporter"].split()[0] == "trs" and isinstance(doc["name"], str)
    assert doc["activeProfileIndex"] == 0 and doc["profiles"]
    frames = doc["shared"]["frames"]
    for frame in frames:
        assert set(frame) in ({"name"}, {"name", "file", "line"}) and isinstance(frame["name"], str), frame
        assert isinstance(frame.get("line", 0), int), frame
    for profile in doc["profiles"]:
        assert profile["unit"] in UNITS and profile["startValue"] == 0 and isinstance(profile["name"], str)
        {"evented": check_evented, "sampled": check_sampled}[profile["type"]](profile, frames)


def stacks(profile):
    """(frames, weight) of each stack, some of them again and again"""
    if profile["type"] == "sampled":
        yield from zip(profile["samples"], profile["weights"])
        return
    stack, last = [], 0
    for event in profile["events"]:
        if event["at"] > last:
            yield list(stack), event["at"] - last
        last = event["at"]
        if event["type"] == "O":
            stack.append(event["frame"])
        else:
            stack.pop()


def shown(frame):
    return "%s:%d(%s)" % (frame["file"], frame["line"], frame["name"]) if "file" in frame else frame["name"]


def fold(doc):
    frames, total = list(map(shown, doc["shared"]["frames"])), {}
    for profile in doc["profiles"]:
        for stack, weight in stacks(profile):
            key = ";".join(frames[i].replace(";", ":") for i in stack)
            total[key] = total.get(key, 0) + weight
    lines = ["%s %s" % line for line in total.items() if line[0] and line[1]]
    print("".join(line + "\n" for line in sorted(lines, key=str.encode)), end="")


def names(doc):
    print("".join(profile["name"] + "\n" for profile in doc["profiles"]), end="")


def events(doc):
    frames = list(map(shown, doc["shared"]["frames"]))
    for i, profile in enumerate(doc["profiles"]):
        for event in profile.get("events", []):
            print(i, event["type"], frames[event["frame"]], event["at"])
        for sample, weight in zip(profile.get("samples", []), profile.get("weights", [])):
            print(i, weight, ";".join(frames[f] for f in sample))


def main():
    with open(sys.argv[2], encoding="utf-8") as f:
        doc = json.load(f)
    sys.stdout.reconfigure(encoding="utf-8")
    check(doc)
    {"check": lambda _: None, "fold": fold, "names": names, "events": events}[sys.argv[1]](doc)


main()
