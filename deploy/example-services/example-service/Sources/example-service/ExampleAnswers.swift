import HTTPServer
import HTTPTypes
import Synchronization

/// What an example service answers.
final class ExampleAnswers: Sendable {
    private let settings: ExampleSettings
    private let neighbours: Neighbours
    private let count = Atomic(0)

    init(_ settings: ExampleSettings, _ neighbours: Neighbours) {
        (self.settings, self.neighbours) = (settings, neighbours)
    }

    /// `/health` for who starts it, everything else as its settings say.
    var router: Router {
        Router([
            .atOnce(.get, "/health") { _ in .whole(ServerResponse(text: "ok\n")) },
            .blocking(.get, "/{path...}", bodyBytesMax: 0) { _ in self.answer() },
        ])
    }

    private func answer() -> Answer {
        let number = count.wrappingAdd(1, ordering: .relaxed).newValue
        if settings.failEvery > 0, number.isMultiple(of: settings.failEvery) {
            return .whole(ServerResponse(.badRequest, text: "\(settings.name) does not like this one\n"))
        }
        let passedOn = neighbours.callFirst() ?? .ok
        return .whole(ServerResponse(passedOn, text: "\(settings.name) says \(passedOn.code)\n"))
    }
}
