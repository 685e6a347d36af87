"""Edits of a list of captured frames: what a capture may lack, or have in the wrong order.

SPDX-License-Identifier: GPL-2.0-or-later
"""

from net import ADDRESSES

SERVER = bytes(int(part) for part in ADDRESSES["server"][0].split("."))


def _largest_of_server(frames):
    """Positions of the server's largest frames in the latter half, in their order."""
    candidates = [position for position, frame in enumerate(frames)
                  if position > len(frames) // 2 and frame.data[26:30] == SERVER]
    size = max(frames[position].length for position in candidates)
    return [position for position in candidates if frames[position].length == size]


def lose_largest(frames):
    """Without one of the server's largest frames; more of them follow."""
    lost = _largest_of_server(frames)[1]
    return frames[:lost] + frames[lost + 1:]


def swap_largest(frames):
    """Two of the server's largest frames in the wrong order, all times in the right one."""
    first, second = _largest_of_server(frames)[1:3]
    one, other = frames[first], frames[second]
    one.time, other.time = other.time, one.time
    frames[first], frames[second] = other, one
    return frames


def without(text):
    """The edit that takes out each frame with `text` in it."""
    return lambda frames: [frame for frame in frames if text.encode() not in frame.data]


def first_three_quarters(frames):
    return frames[:len(frames) * 3 // 4]


def last_half(frames):
    return frames[len(frames) // 2:]
