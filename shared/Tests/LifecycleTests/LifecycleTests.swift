import Glibc
import Lifecycle
import ServiceTesting
import Synchronization
import Testing

@Suite struct StopSignalTests {
    @Test func isReadableOnceStopped() {
        let stop = StopSignal()
        #expect(!stop.isStopped)
        #expect(!isReadable(stop.fileDescriptor))
        stop.stop()
        stop.stop()
        #expect(stop.isStopped)
        #expect(isReadable(stop.fileDescriptor))
        // Stays so: nobody takes the signal away from the other loops.
        #expect(isReadable(stop.fileDescriptor))
    }

    @Test func waitsForAnotherThread() {
        let stop = StopSignal()
        let thread = DedicatedThread { stop.stop() }
        #expect(stop.wait(milliseconds: 60_000))
        thread.join()
        #expect(stop.wait(milliseconds: -1))
    }

    @Test(arguments: [0, 1, 30]) func waitsAtLeastItsTime(milliseconds: Int) {
        let start = MonotonicClock.nanoseconds()
        #expect(!StopSignal().wait(milliseconds: milliseconds))
        #expect(MonotonicClock.nanoseconds() - start >= Int64(milliseconds) * 1_000_000)
    }

    @Test func givesItsDescriptorsBack() {
        let first = StopSignal().fileDescriptor
        for _ in 0..<2_000 { _ = StopSignal() }
        // With a leak the numbers would have grown by thousands; other tests open a few at the same time.
        #expect(StopSignal().fileDescriptor < first + 500)
    }

    private func isReadable(_ descriptor: Int32) -> Bool {
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&poller, 1, 0) == 1
    }
}

@Suite struct ReadinessTests {
    @Test func needsAllParts() {
        let readiness = Readiness()
        #expect(!readiness.isReady)
        readiness.set("redis", ready: false, reason: "connecting")
        readiness.set("file", ready: true, reason: "left out")
        #expect(!readiness.isReady)
        #expect(readiness.parts.map(\.name) == ["redis", "file"])
        #expect(readiness.parts.map(\.reason) == ["connecting", ""])
        readiness.set("redis", ready: true)
        #expect(readiness.isReady)
        readiness.set("redis", ready: true, warning: "may forget")
        #expect(readiness.isReady && readiness.parts.map(\.warning) == ["may forget", ""])
    }
}

@Suite struct HeartbeatTests {
    @Test func tellsItsAge() {
        let hand = ManualClock()
        let heartbeat = Heartbeat(clock: hand.clock)
        hand.advance(milliseconds: 5)
        #expect(heartbeat.ageNanoseconds == 5_000_000)
        heartbeat.beat()
        #expect(heartbeat.ageNanoseconds == 0)
    }
}

@Suite struct ClockTests {
    @Test func monotonicTimeNeverGoesBack() {
        var last = MonotonicClock.nanoseconds()
        for _ in 0..<10_000 {
            let now = MonotonicClock.nanoseconds()
            #expect(now >= last)
            last = now
        }
    }

    @Test func wallClockIsOfThisCentury() {
        let year2020: Int64 = 1_577_836_800
        #expect(WallClock.nanoseconds() > year2020 * 1_000_000_000)
        #expect(WallClock.nanoseconds() < (year2020 + 3_155_760_000) * 1_000_000_000)
    }
}

@Suite struct DedicatedThreadTests {
    private final class Runs: Sendable {
        let count = Atomic(0)
    }

    @Test func runsItsBodyOnceAndIsJoined() {
        let runs = Runs()
        let thread = DedicatedThread { runs.count.add(1, ordering: .relaxed) }
        thread.join()
        thread.join()
        #expect(runs.count.load(ordering: .relaxed) == 1)
    }
}
