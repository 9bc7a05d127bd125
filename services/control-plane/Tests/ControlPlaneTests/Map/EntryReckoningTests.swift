import Testing

@testable import ControlPlane

@Suite struct EntryReckoningTests {
    private var reckoning = EntryReckoning()

    init() {
        reckoning.begin(at: .init(last: "5-0", first: "4-0", length: 2, added: 40))
        for events in [10, 20] { reckoning.read(events: events) }
    }

    private mutating func missed(_ position: String, _ last: String, _ first: String, _ length: Int64, _ added: Int64)
        -> Int
    {
        reckoning.missedEvents(at: position, of: .init(last: last, first: first, length: length, added: added))
    }

    @Test mutating func whoHasReadEverythingMissesNothing() {
        #expect(missed("7-0", "7-0", "6-0", 2, 42) == 0)
        #expect(missed("7-0", "7-0", "", 0, 42) == 0)
    }

    @Test mutating func whatWaitsIsNotMissed() {
        #expect(missed("7-0", "9-0", "8-0", 2, 44) == 0)
        #expect(missed("7-0", "9-0", "6-0", 4, 44) == 0)
    }

    @Test mutating func whatIsGoneUnreadIsToldOnce() {
        // Three of five are gone; those that were read had 15 events on average.
        #expect(missed("7-0", "12-0", "11-0", 2, 47) == 45)
        #expect(missed("7-0", "12-0", "11-0", 2, 47) == 0)
        // All of it is gone.
        #expect(missed("7-0", "12-0", "", 0, 47) == 30)
    }

    @Test mutating func aStreamThatWasMadeAnewIsReckonedAnew() {
        #expect(missed("7-0", "9-0", "8-0", 1, 1) == 0)
        #expect(missed("7-0", "10-0", "10-0", 1, 2) == 15)
    }

    @Test func placesAreGivenBack() {
        let places = Places(2)
        #expect(places.take() && places.take() && !places.take())
        places.giveBack()
        #expect(places.take() && !places.take())
    }
}
