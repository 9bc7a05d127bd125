import Logging

/// Tells what the setup did, each line of it once: a setup is repeated whenever the store was away.
final class SetupLog {
    private let logger: Logger
    private var told: Set<String> = []

    init(logger: Logger) {
        self.logger = logger
    }

    /// Tells of what has changed and of what is not as it should be.
    func tell(_ setup: StoreSetup) {
        for (object, decision) in zip(setup.objects, setup.plan) {
            guard decision != .keep, told.insert(decision.text(about: object)).inserted else { continue }
            let name = "\(object.kind.text) \(object.name)"
            switch decision {
            case .keep: break
            case .create: logger.notice("Put into OpenSearch", ["object": name, "version": StoreObject.version])
            case .update: logger.notice("Replaced in OpenSearch", ["object": name, "version": StoreObject.version])
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
}
