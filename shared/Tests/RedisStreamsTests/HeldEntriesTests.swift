import Testing

@testable import RedisStreams

@Suite("Entries that a consumer holds")
struct HeldEntriesTests {
    private let held = HeldEntries(limits: .init(entriesHeldMax: 3, bytesHeldMax: 100))

    @Test("There is room until their number or their bytes are reached")
    func room() {
        held.hold("1", bytes: 60)
        #expect(held.hasRoom)
        held.hold("2", bytes: 40)
        #expect(!held.hasRoom && held.bytes == 100)
        #expect(held.commit("2", EntryCommit(output: [1])))
        #expect(held.hasRoom && held.bytes == 61)
        held.hold("3", bytes: 1)
        #expect(!held.hasRoom)
    }

    @Test("Beside one that was delivered before nothing is taken, until it can only be waiting for a store")
    func redelivered() {
        held.hold("1", isRedelivered: true)
        #expect(!held.hasRoom && !held.areAllWaiting && held.survivors == ["1"])
        held.uncharge(["1", "gone"])
        held.noteTouch()
        #expect(!held.hasRoom && held.survivors.isEmpty)
        held.noteTouch()
        #expect(held.hasRoom && held.areAllWaiting)
    }

    @Test("A commit is taken once, sent once, and again when it failed")
    func commits() {
        held.hold("1")
        held.hold("2")
        #expect(held.commit("1", EntryCommit()) && !held.commit("1", EntryCommit()) && !held.commit("0", EntryCommit()))
        #expect(held.commitsUnconfirmed == 1 && held.commitsInFlight == 0 && !held.isAllSent)
        #expect(held.takeUnsent().map(\.id) == ["1"] && held.takeUnsent().isEmpty)
        #expect(held.commitsInFlight == 1 && held.isAllSent)
        held.sendAgain("1")
        #expect(held.commitsInFlight == 0 && held.takeUnsent().map(\.id) == ["1"])
        #expect(held.release("1") != nil && held.release("1") == nil && held.count == 1)
    }
}
