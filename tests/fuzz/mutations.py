"""What may happen to captures: cut short, torn apart, disturbed, mixed. Frames are pcapng.Frame.

Several mutants go into one capture, each with client addresses of its own, since it is the start of
tshark that takes the time.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import dataclasses

CLIENTS_IPV4 = bytes([192, 0, 2])
CLIENTS_IPV6 = bytes.fromhex("20010db80001")
MUTANTS_MAX = 1 << 15  # that have addresses of their own
ETHERNET_HEADER = 14
FAR_APART_NS = 3_000_000_000
DAMAGE_MAX = 8  # bytes of a frame


def as_client(number, frames):
    """The same frames with client addresses that no other number has."""
    ipv4 = bytes([10]) + number.to_bytes(2, "big")
    ipv6 = CLIENTS_IPV6[:4] + (number | MUTANTS_MAX).to_bytes(2, "big")
    return [dataclasses.replace(frame, data=frame.data.replace(CLIENTS_IPV4, ipv4)
                                .replace(CLIENTS_IPV6, ipv6)) for frame in frames]


def with_snaplen(frames, snaplen):
    """As captured with a snapshot length."""
    return [dataclasses.replace(frame, data=frame.data[:snaplen]) for frame in frames]


def without_ethernet(frames):
    """The frames that hold IP, for a capture of raw IP packets."""
    return [dataclasses.replace(frame, data=frame.data[ETHERNET_HEADER:],
                                length=frame.length - ETHERNET_HEADER)
            for frame in frames if frame.data[12:14] in (b"\x08\x00", b"\x86\xdd")]


def every_truncation(frames):
    """The frames cut by every snapshot length, and every beginning and every end of the capture."""
    longest = max(len(frame.data) for frame in frames)
    yield from (with_snaplen(frames, snaplen) for snaplen in range(1, longest + 1))
    yield from (frames[:count] for count in range(1, len(frames)))
    yield from (frames[first:] for first in range(1, len(frames)))


def _cut_last(random, frames):
    """Ends in the middle of a frame, on the wire too."""
    count = random.randrange(len(frames)) + 1
    kept = random.randrange(len(frames[count - 1].data)) + 1
    last = dataclasses.replace(frames[count - 1], data=frames[count - 1].data[:kept], length=kept)
    return [*frames[:count - 1], last]


def _snaplen(random, frames):
    return with_snaplen(frames, random.randrange(1, 1600))


def _begin_late(random, frames):
    return frames[random.randrange(len(frames)):]


def _lose(random, frames):
    share = random.random() / 2
    return [frame for frame in frames if random.random() > share] or frames


def _repeat(random, frames):
    return [copy for frame in frames for copy in [frame] * random.choice((1, 1, 1, 2, 3))]


def _swap(random, frames):
    swapped = list(frames)
    for _ in range(random.randrange(1, 4)):
        at = random.randrange(len(frames))
        swapped.insert(random.randrange(len(frames)), swapped.pop(at))
    return swapped


def _damage(random, frames):
    """Changes bytes behind the Ethernet header of some frames, preferably in the payload."""
    damaged = []
    for frame in frames:
        data = bytearray(frame.data)
        if len(data) > ETHERNET_HEADER and random.random() < 0.3:
            first = random.choice((ETHERNET_HEADER, min(54, len(data) - 1)))
            for _ in range(random.randrange(1, DAMAGE_MAX)):
                data[random.randrange(first, len(data))] = random.choice((0, 1, 0x7F, 0x80, 0xFF,
                                                                          random.randrange(256)))
        damaged.append(dataclasses.replace(frame, data=bytes(data)))
    return damaged


def _splice(random, frames):
    """Puts the end of one frame behind the beginning of another."""
    spliced = list(frames)
    one, other = random.choice(frames), random.choice(frames)
    data = one.data[:random.randrange(len(one.data)) + 1] + other.data[-random.randrange(1, 200):]
    spliced[random.randrange(len(frames))] = dataclasses.replace(one, data=data, length=len(data))
    return spliced


def _mirror(random, frames):
    """Swaps the addresses of some IPv4 frames, so that each side says what the other has said."""
    return [dataclasses.replace(frame, data=frame.data[:26] + frame.data[30:34] + frame.data[26:30]
                                + frame.data[36:38] + frame.data[34:36] + frame.data[38:])
            if frame.data[12:14] == b"\x08\x00" and len(frame.data) > 38 and random.random() < 0.2
            else frame for frame in frames]


MUTATIONS = (_cut_last, _snaplen, _begin_late, _lose, _repeat, _swap, _damage, _splice, _mirror)


def mutate(random, frames):
    """One to three mutations at random."""
    for mutation in random.choices(MUTATIONS, k=random.randrange(1, 4)):
        frames = mutation(random, frames)
    return frames


def mix(random, mutants):
    """One list of frames of several mutants, one after the other or side by side."""
    numbered = [as_client(number, frames) for number, frames in enumerate(mutants)]
    if random.random() < 0.5:
        return [frame for frames in numbered for frame in frames]
    mixed = [(position + random.random(), frame)
             for frames in numbered for position, frame in enumerate(frames)]
    return [frame for _, frame in sorted(mixed, key=lambda pair: pair[0])]


def retime(random, frames):
    """The same frames with times in their order."""
    time, timed = frames[0].time, []
    for frame in frames:
        time += random.choice((0, 1_000, 1_000_000, FAR_APART_NS if random.random() < 0.01 else 0))
        timed.append(dataclasses.replace(frame, time=time))
    return timed
