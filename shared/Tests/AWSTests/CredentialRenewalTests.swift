import Lifecycle
import Logging
import Synchronization
import Testing

@testable import AWS

@Suite struct CredentialRenewalTests {
    private static let trouble = AWSError(.unavailable, "nobody answers")

    /// Renewal as an object: expectations cannot hold what changes itself.
    private final class Subject {
        private var renewal = CredentialRenewal()
        var trouble: AWSError? { renewal.trouble }
        func step(now: Int64) -> CredentialRenewal.Step { renewal.step(now: now) }
        func refuse(_ name: String, now: Int64) -> Bool { renewal.refuse(name, now: now) }
        func failed(_ error: AWSError, now: Int64, jitter: Double) { renewal.failed(error, now: now, jitter: jitter) }
        func succeeded(_ credentials: AWSCredentials, isInFiles: Bool, now: Int64, jitter: Double) {
            renewal.succeeded(credentials, isInFiles: isInFiles, now: now, jitter: jitter)
        }
    }

    private func credentials(_ name: String, expiresAt: Int64? = nil) -> AWSCredentials {
        AWSCredentials(accessKeyID: name, secretAccessKey: Secret("s"), expiresAt: expiresAt)
    }

    @Test func whoComesFirstWaitsForOneRenewal() {
        let renewal = Subject()
        #expect(renewal.step(now: 0) == .wait(beginsRenewal: true))
        #expect(renewal.step(now: 1) == .wait(beginsRenewal: false))
        renewal.succeeded(credentials("A", expiresAt: 3_600), isInFiles: false, now: 1, jitter: 0)
        #expect(renewal.step(now: 2) == .use(credentials("A", expiresAt: 3_600), beginsRenewal: false))
    }

    @Test func theyAreGotAnewBeforeTheyEndAndUsedMeanwhile() {
        for (jitter, dueAt) in [(0.0, Int64(2_700)), (0.999, 2_999)] {
            let renewal = Subject()
            _ = renewal.step(now: 0)
            let old = credentials("A", expiresAt: 3_600)
            renewal.succeeded(old, isInFiles: false, now: 0, jitter: jitter)
            #expect(renewal.step(now: dueAt - 1) == .use(old, beginsRenewal: false))
            #expect(renewal.step(now: dueAt + 1) == .use(old, beginsRenewal: true))
            #expect(renewal.step(now: dueAt + 2) == .use(old, beginsRenewal: false))
            let new = credentials("B", expiresAt: 7_200)
            renewal.succeeded(new, isInFiles: false, now: dueAt + 3, jitter: jitter)
            #expect(renewal.step(now: dueAt + 4) == .use(new, beginsRenewal: false))
        }
    }

    @Test func thoseOfAFewSecondsAreGotAnewAtTheirHalf() {
        let renewal = Subject()
        _ = renewal.step(now: 100)
        renewal.succeeded(credentials("A", expiresAt: 120), isInFiles: false, now: 100, jitter: 0)
        #expect(renewal.step(now: 109) == .use(credentials("A", expiresAt: 120), beginsRenewal: false))
        #expect(renewal.step(now: 110) == .use(credentials("A", expiresAt: 120), beginsRenewal: true))
    }

    @Test func aRenewalThatFailsLeavesTheOldOnesUntilTheyEnd() {
        let renewal = Subject()
        _ = renewal.step(now: 0)
        let old = credentials("A", expiresAt: 3_600)
        renewal.succeeded(old, isInFiles: false, now: 0, jitter: 0)
        var now: Int64 = 2_700
        var tries = 0
        while now < 3_600 {
            if renewal.step(now: now) == .use(old, beginsRenewal: true) {
                tries += 1
                renewal.failed(Self.trouble, now: now, jitter: 0)
                #expect(renewal.trouble == Self.trouble)
            } else {
                #expect(renewal.step(now: now) == .use(old, beginsRenewal: false))
            }
            now += 1
        }
        // After 1, 2, 4, … 32 and then 60 seconds.
        #expect(tries == 6 + 14)
        let end = renewal.step(now: 3_600)
        #expect(end == .fail(Self.trouble) || end == .wait(beginsRenewal: true))
    }

    @Test func whoHasNoneHearsWhyUntilTheNextTry() {
        let renewal = Subject()
        _ = renewal.step(now: 0)
        renewal.failed(Self.trouble, now: 0, jitter: 0)
        #expect(renewal.step(now: 0) == .fail(Self.trouble))
        #expect(renewal.step(now: 1) == .wait(beginsRenewal: true))
    }

    @Test func refusedOnesAreReplacedOnce() {
        let renewal = Subject()
        _ = renewal.step(now: 0)
        renewal.succeeded(credentials("A"), isInFiles: true, now: 0, jitter: 0)
        #expect(renewal.refuse("A", now: 10))
        #expect(renewal.step(now: 10) == .wait(beginsRenewal: true))
        // Another request with the old ones: what is under way serves it, too.
        #expect(renewal.refuse("A", now: 10))
        renewal.succeeded(credentials("B"), isInFiles: true, now: 11, jitter: 0)
        #expect(renewal.refuse("A", now: 12))
        #expect(renewal.step(now: 12) == .use(credentials("B"), beginsRenewal: false))
    }

    @Test func thatTheSameComeAgainIsNotAskedAllTheTime() {
        let renewal = Subject()
        _ = renewal.step(now: 0)
        renewal.succeeded(credentials("A"), isInFiles: true, now: 0, jitter: 0)
        #expect(renewal.refuse("A", now: 10))
        _ = renewal.step(now: 10)
        renewal.succeeded(credentials("A"), isInFiles: true, now: 10, jitter: 0)
        #expect(!renewal.refuse("A", now: 11))
        #expect(renewal.step(now: 11) == .use(credentials("A"), beginsRenewal: false))
        #expect(renewal.refuse("A", now: 10 + CredentialRenewal.refusalSeconds))
    }

    @Test func filesAreLookedAtFromTimeToTime() {
        let renewal = Subject()
        _ = renewal.step(now: 0)
        renewal.succeeded(credentials("A"), isInFiles: true, now: 0, jitter: 0)
        #expect(renewal.step(now: 60) == .use(credentials("A"), beginsRenewal: true))
        renewal.succeeded(credentials("A"), isInFiles: false, now: 60, jitter: 0)
        #expect(renewal.step(now: 1_000_000) == .use(credentials("A"), beginsRenewal: false))
    }

    @Test func whatHasEndedWhenItComesIsTriedAndNotAskedForWithoutAPause() {
        let renewal = Subject()
        _ = renewal.step(now: 100)
        renewal.succeeded(credentials("A", expiresAt: 50), isInFiles: false, now: 100, jitter: 0)
        // The clock may be wrong: an answer will tell.
        #expect(renewal.step(now: 101) == .use(credentials("A", expiresAt: 50), beginsRenewal: false))
        #expect(renewal.refuse("A", now: 101))
        #expect(renewal.step(now: 101) == .wait(beginsRenewal: true))
        renewal.succeeded(credentials("A", expiresAt: 50), isInFiles: false, now: 101, jitter: 0)
        #expect(!renewal.refuse("A", now: 102))
    }

    @Test func aClockThatGoesBackStopsNoRenewal() {
        let renewal = Subject()
        _ = renewal.step(now: 10_000)
        renewal.failed(Self.trouble, now: 10_000, jitter: 0)
        #expect(renewal.step(now: 2_000) == .fail(Self.trouble))
        #expect(renewal.step(now: 2_000 + CredentialRenewal.pauseSecondsMax) == .wait(beginsRenewal: true))
        // An hour long, but two hours old by the clock as it was.
        let hour = credentials("A", expiresAt: 5_600)
        renewal.succeeded(hour, isInFiles: false, now: 10_000, jitter: 0)
        #expect(renewal.step(now: 2_000) == .use(hour, beginsRenewal: false))
        #expect(renewal.step(now: 4_699) == .use(hour, beginsRenewal: false))
        #expect(renewal.step(now: 4_700) == .use(hour, beginsRenewal: true))
    }

    @Test func manyThreadsGetTheirsFromOneRenewal() throws {
        let fetches = Mutex(0)
        let store = CredentialStore(clock: ServerClock()) { () throws(AWSError) in
            fetches.withLock { $0 += 1 }
            return FetchedCredentials(
                credentials: AWSCredentials(accessKeyID: "A", secretAccessKey: Secret("s")), origin: "here",
                isInFiles: false)
        }
        let found = Mutex<[String]>([])
        let threads = (0..<8).map { _ in
            DedicatedThread {
                let name = (try? store.credentials().accessKeyID) ?? "none"
                found.withLock { $0.append(name) }
            }
        }
        for thread in threads { thread.join() }
        #expect(found.withLock { $0 } == [String](repeating: "A", count: 8))
        #expect(fetches.withLock { $0 } == 1)
        #expect(store.origin == "here" && store.trouble == nil)
    }

    @Test func nobodyWaitsLongForCredentialsThatDoNotCome() throws {
        let isLeft = StopSignal()
        let store = CredentialStore(clock: ServerClock()) { () throws(AWSError) in
            isLeft.wait(milliseconds: 10_000)
            throw Self.trouble
        }
        let start = MonotonicClock.nanoseconds()
        #expect { try store.credentials() } throws: { ($0 as? AWSError)?.code == .unavailable }
        let seconds = Double(MonotonicClock.nanoseconds() - start) / 1e9
        #expect(seconds >= 2 && seconds < 8)
        // The next one waits for the same renewal, whose time is over.
        let next = MonotonicClock.nanoseconds()
        #expect { try store.credentials() } throws: { ($0 as? AWSError)?.code == .unavailable }
        #expect(MonotonicClock.nanoseconds() - next < 1_000_000_000)
        isLeft.stop()
    }
}
