import Logging
import OpenSearch
import OpenSearchBulk

/// Tells what the setup did, each line of it once: a setup is repeated whenever the store was away.
final class SetupLog {
    private let logger: Logger
    private var told: Set<String> = []
    private var previewTold: [EventClass: IndexPreview.Finding] = [:]

    init(logger: Logger) {
        self.logger = logger
    }

    /// Tells of what has changed and of what is not as it should be.
    func tell(_ setup: OpenSearchSetup) {
        for (object, decision) in zip(setup.objects, setup.plan) {
            guard decision != .keep, told.insert(decision.text(about: object)).inserted else { continue }
            let name = "\(object.kind.text) \(object.name)"
            switch decision {
            case .keep: break
            case .create: logger.notice("Put into OpenSearch", ["object": name, "version": ManagedObject.version])
            case .update: logger.notice("Replaced in OpenSearch", ["object": name, "version": ManagedObject.version])
            case .keepNewer(let version):
                logger.notice(
                    "OpenSearch has a newer version, which is left there", ["object": name, "version": version])
            case .unsupported(let reason):
                logger.warning(
                    "OpenSearch does not take the lifecycle policy; documents are stored without it",
                    ["object": name, "reason": reason])
            }
        }
    }

    /// Tells what the next index of a class would look like when that is not as it should be, once for each state.
    func tell(_ finding: IndexPreview.Finding, of eventClass: EventClass, index: String) {
        guard finding != previewTold[eventClass, default: .ours], finding != .streamExists else { return }
        previewTold[eventClass] = finding
        switch finding {
        case .streamExists: break
        case .ours: logger.notice("The next index will have the fields as they should be again", ["index": index])
        case .foreign(let how):
            logger.warning(
                "The next index will not have the fields as they should be",
                ["index": index, "difference": how, "help": IndexPreview.help])
        case .unknown(let reason):
            logger.notice(
                "It is not known what fields the next index will have", ["index": index, "reason": reason])
        }
    }
}
