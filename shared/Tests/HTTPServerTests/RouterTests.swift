import HTTPTypes
import Testing

@testable import HTTPServer

@Suite struct RouterTests {
    private let router = Router(
        [
            (.get, "/events"), (.get, "/events/{id}"), (.get, "/events/fields"), (.delete, "/events/{id}"),
            (.post, "/events/{key}/comments"), (.get, "/assets/{hash}/{path...}"), (.get, "/"),
        ].map { (method: HTTPMethod, pattern: String) in
            .atOnce(method, pattern) { request in
                let parameters = request.parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                return .whole(ServerResponse(text: "\(pattern) \(parameters.joined(separator: ","))"))
            }
        })

    private func find(_ method: HTTPMethod, _ path: String) -> String {
        switch router.match(method, path) {
        case .nothing: "nothing"
        case .otherMethods(let methods): "other: " + methods.map(\.name).joined(separator: " ")
        case .route(let route, let parameters):
            "\(route.pattern) \(parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })"
        }
    }

    @Test func wordsGoBeforeParameters() {
        #expect(find(.get, "/events/fields") == "/events/fields []")
        #expect(find(.get, "/events/17") == #"/events/{id} ["id=17"]"#)
        #expect(find(.post, "/events/a b/comments") == #"/events/{key}/comments ["key=a b"]"#)
        #expect(find(.post, "/events/\u{1F3FB}/comments") == "/events/{key}/comments [\"key=\u{1F3FB}\"]")
        #expect(find(.get, "/assets/ab/js/app.js") == #"/assets/{hash}/{path...} ["hash=ab", "path=js/app.js"]"#)
        #expect(find(.get, "/") == "/ []")
    }

    @Test func aGetAnswersHead() {
        #expect(find(.head, "/events") == "/events []")
        #expect(find(.head, "/events/1/comments") == "other: POST")
    }

    @Test func pathsWithOtherMethodsSayWhich() {
        #expect(find(.put, "/events/17") == "other: GET HEAD DELETE")
        #expect(find(.post, "/events/fields") == "other: GET HEAD")
    }

    @Test(arguments: ["/event", "/events/", "/events//comments", "events", "", "/assets/ab", "/events/1/comments/2"])
    func otherPathsAreNotKnown(path: String) {
        #expect(find(.get, path) == "nothing")
    }
}

@Suite struct BroadcastTests {
    private func message(_ number: Int) -> WebSocketMessage { WebSocketMessage(text: "\(number)") }

    private func texts(_ broadcast: Broadcast, from place: inout Broadcast.Place) -> [String] {
        var texts: [String] = []
        while true {
            let step = broadcast.step(from: place)
            place = step.place
            guard let message = step.message else { return texts }
            texts.append(message.text ?? "")
        }
    }

    @Test func whoIsTooFarBehindIsToldSoAndGoesOnWithTheNextMessage() {
        let broadcast = Broadcast(messagesMax: 3) { WebSocketMessage(text: "missed \($0)") }
        var place = broadcast.beginning
        for number in 0..<3 { broadcast.publish(message(number)) }
        #expect(texts(broadcast, from: &place) == ["0", "1", "2"])
        for number in 3..<7 { broadcast.publish(message(number)) }
        #expect(texts(broadcast, from: &place) == ["missed 4"])
        broadcast.publish(message(7))
        #expect(texts(broadcast, from: &place) == ["7"])
    }

    @Test func aSnapshotIsWaitedForAndSharedAsLongAsTheRingReachesIt() {
        let broadcast = Broadcast(messagesMax: 3, hasSnapshots: true) { WebSocketMessage(text: "missed \($0)") }
        var first = broadcast.beginning
        broadcast.publish(message(0))
        #expect(texts(broadcast, from: &first) == [] && broadcast.isSnapshotWanted)
        broadcast.publishSnapshot(WebSocketMessage(text: "all"))
        #expect(!broadcast.isSnapshotWanted)
        broadcast.publish(message(1))
        #expect(texts(broadcast, from: &first) == ["all", "1"])
        var second = broadcast.beginning
        #expect(texts(broadcast, from: &second) == ["all", "1"])
        for number in 2..<6 { broadcast.publish(message(number)) }
        #expect(texts(broadcast, from: &first) == ["missed 4"] && broadcast.isSnapshotWanted)
    }
}
