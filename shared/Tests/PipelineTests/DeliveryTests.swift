import Testing

@testable import Pipeline

@Suite struct DeliveryTests {
    private func take(from delivery: inout Delivery, at now: Int64) throws -> Delivery.Part {
        let part = delivery.takePart(at: now)
        return try #require(part)
    }

    @Test(
        arguments: [
            ([], 10, []),
            ([3, 3, 3], 10, [[0, 1, 2]]),
            ([5, 5, 5], 10, [[0, 1], [2]]),
            ([50, 1, 50], 10, [[0], [1], [2]]),
            ([1, 50], 10, [[0], [1]]),
        ] as [([Int], Int, [[Int]])])
    func cutsBySize(sizes: [Int], partBytesMax: Int, parts: [[Int]]) {
        var delivery = Delivery(sizes: sizes, partBytesMax: partBytesMax)
        #expect(delivery.isComplete == parts.isEmpty)
        var taken: [[Int]] = []
        while let part = delivery.takePart(at: 0) { taken.append(part.items) }
        #expect(taken == parts)
    }

    @Test func onlyOpenDocumentsAreSentAgain() throws {
        var delivery = Delivery(sizes: [1, 1, 1, 1], partBytesMax: 100)
        let first = try take(from: &delivery, at: 0)
        delivery.settle(
            first,
            outcomes: [.stored, .retry(reason: "429"), .rejected(type: "mapping", reason: "no ip"), .alreadyThere],
            retryAt: 50)
        #expect(!delivery.isComplete)
        #expect(delivery.nextDue == 50)
        let tooEarly = delivery.takePart(at: 49)
        #expect(tooEarly == nil)

        let second = try take(from: &delivery, at: 50)
        #expect(second.items == [1])
        #expect(second.attempt == 2)
        delivery.settle(second, outcomes: [.rejected(type: "late", reason: "x")], retryAt: 0)
        #expect(delivery.isComplete)
        #expect(delivery.storedCount == 1)
        #expect(delivery.alreadyThereCount == 1)
        #expect(
            delivery.rejections == [
                Delivery.Rejection(item: 2, type: "mapping", reason: "no ip", attempt: 1),
                Delivery.Rejection(item: 1, type: "late", reason: "x", attempt: 2),
            ])
    }

    @Test func aFailedRequestIsSentWhole() throws {
        var delivery = Delivery(sizes: [1, 1], partBytesMax: 100)
        let first = try take(from: &delivery, at: 0)
        delivery.retry(first, at: 7)
        let again = try take(from: &delivery, at: 7)
        #expect(again.items == [0, 1])
        #expect(again.attempt == 2)
    }

    /// Whatever the store refuses as too large, each document travels alone at last, and only then is it rejected.
    @Test func halvingEndsWithSingleDocuments() {
        var delivery = Delivery(sizes: [1, 1, 9, 1, 1], partBytesMax: 100)
        var requests = 0
        while let part = delivery.takePart(at: 0) {
            requests += 1
            if part.items.contains(2) {
                delivery.halve(part, at: 0, type: "too_large", reason: "413")
            } else {
                delivery.settle(part, outcomes: part.items.map { _ in .stored }, retryAt: 0)
            }
        }
        #expect(delivery.isComplete)
        #expect(delivery.storedCount == 4)
        #expect(delivery.rejections.map(\.item) == [2])
        #expect(requests <= 7)
    }

    @Test func cutsByCount() {
        var delivery = Delivery(sizes: [1, 1, 1, 1, 1], partBytesMax: 100, partItemsMax: 2, uncertainSince: 5)
        var taken: [Delivery.Part] = []
        while let part = delivery.takePart(at: 0) { taken.append(part) }
        #expect(taken.map(\.items) == [[0, 1], [2, 3], [4]])
        #expect(taken.map(\.uncertainSince) == [5, 5, 5])
    }

    @Test func whatIsFoundHasEndedAndTheRestIsCertain() throws {
        var delivery = Delivery(itemCount: 4, uncertainSince: 5)
        let first = try take(from: &delivery, at: 9)
        delivery.putBack(first)
        let again = try take(from: &delivery, at: 9)
        #expect(again == first)
        let missingCount = delivery.resolve(again) { $0 != 2 }
        #expect(missingCount == 1)
        let rest = try take(from: &delivery, at: 9)
        #expect(rest.items == [2])
        #expect(rest.attempt == 1)
        #expect(rest.uncertainSince == nil)
        delivery.settle(rest, outcomes: [.stored], retryAt: 0)
        #expect(delivery.isComplete)
        #expect([delivery.storedCount, delivery.alreadyThereCount] == [1, 3])
    }

    @Test func aPartThatIsAllThereHasEnded() throws {
        var delivery = Delivery(itemCount: 2, uncertainSince: 5)
        let part = try take(from: &delivery, at: 0)
        delivery.resolve(part) { _ in true }
        #expect(delivery.isComplete)
        #expect(delivery.alreadyThereCount == 2)
    }

    /// A part is in doubt from the moment on when an attempt ended in an unknown way.
    @Test(arguments: [(false, nil), (true, 7)] as [(Bool, Int64?)])
    func aLostAnswerMakesUncertain(isUncertain: Bool, since: Int64?) throws {
        var delivery = Delivery(itemCount: 4)
        let first = try take(from: &delivery, at: 0)
        #expect(first.uncertainSince == nil)
        delivery.settle(
            first, outcomes: [.stored, .stored] + [.retry(reason: "", isUncertain: isUncertain), .retry(reason: "")],
            retryAt: 7)
        let second = try take(from: &delivery, at: 7)
        #expect(second.uncertainSince == since)
        // A failure that says nothing new leaves what was known.
        delivery.retry(second, at: 8)
        let third = try take(from: &delivery, at: 8)
        #expect(third.uncertainSince == since)
        delivery.retry(third, at: 9, isUncertain: true)
        let fourth = try take(from: &delivery, at: 9)
        #expect(fourth.uncertainSince == 9)
        delivery.halve(fourth, at: 10, type: "", reason: "", isUncertain: true)
        let half = try take(from: &delivery, at: 10)
        #expect(half.uncertainSince == 10)
    }

    @Test func severalPartsInFlightAtOnce() throws {
        var delivery = Delivery(sizes: [5, 5], partBytesMax: 5)
        let first = try take(from: &delivery, at: 0)
        let second = try take(from: &delivery, at: 0)
        delivery.settle(second, outcomes: [.stored], retryAt: 0)
        #expect(!delivery.isComplete)
        delivery.settle(first, outcomes: [.stored], retryAt: 0)
        #expect(delivery.isComplete)
    }
}
