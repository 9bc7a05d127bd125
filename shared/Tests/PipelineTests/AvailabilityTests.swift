import Lifecycle
import Testing

@testable import Pipeline

@Suite struct AvailabilityTests {
    private let millisecond: Int64 = 1_000_000

    private func store() -> Availability {
        Availability(backoff: Backoff(firstMilliseconds: 100, capMilliseconds: 1_000), requestsInFlightMax: 4)
    }

    @Test func pausesThenProbesWithOneRequest() {
        var store = self.store()
        #expect(store.requestsInFlightLimit(at: 0) == 4)
        let again = store.failed(reason: "gone", now: 10, sentAt: 5)
        #expect(store.trouble == "gone")
        #expect(again >= 10 + 50 * millisecond)
        #expect(again <= 10 + 100 * millisecond)
        #expect(store.requestsInFlightLimit(at: again - 1) == 0)
        #expect(store.requestsInFlightLimit(at: again) == 1)
        store.succeeded(sentAt: again)
        #expect(store.trouble == nil)
        #expect(store.requestsInFlightLimit(at: again) == 4)
    }

    @Test func requestsThatTravelledTogetherFailOnce() {
        var store = self.store()
        let first = store.failed(reason: "gone", now: 10, sentAt: 5)
        let second = store.failed(reason: "gone too", now: 11, sentAt: 6)
        #expect(second == first)
        #expect(store.trouble == "gone")
    }

    @Test func anOlderAnswerEndsNoPause() {
        var store = self.store()
        store.failed(reason: "gone", now: 10, sentAt: 5)
        store.succeeded(sentAt: 9)
        #expect(store.trouble == "gone")
    }

    @Test func theStoreNamesTheWait() {
        var store = self.store()
        let again = store.failed(reason: "429", now: 0, sentAt: 0, waitMilliseconds: 3_000)
        #expect(again > 3_000 * millisecond)
        #expect(again <= 3_100 * millisecond)
    }
}
