/// What to do about an object.
public enum SetupDecision: Equatable, Sendable {
    /// Create it: there is none of that name.
    case create
    /// Replace it: there is an older one, or one of the same version from other settings.
    case update(from: Int64)
    /// Nothing: it is up to date.
    case keep
    /// Nothing: a newer version of the program has put a newer one.
    case keepNewer(Int64)
    /// Nothing: the store does not support such objects, and works without them.
    case unsupported(reason: String)

    /// - Parameter found: the version mark of the one in the store; nil when there is none.
    init(_ object: ManagedObject, found: ManagedMark?) {
        let version = Int64(ManagedObject.version)
        guard let found else {
            self = .create
            return
        }
        if found.version > version {
            self = .keepNewer(found.version)
        } else if found.version == version, found.fingerprint == object.fingerprint {
            self = .keep
        } else {
            self = .update(from: found.version)
        }
    }

    /// Whether the object has to be put.
    var needsPut: Bool {
        switch self {
        case .create, .update: true
        case .keep, .keepNewer, .unsupported: false
        }
    }

    /// The decision about `object` in one line.
    public func text(about object: ManagedObject) -> String {
        let name = "\(object.kind.text) \(object.name)"
        let version = ManagedObject.version
        return switch self {
        case .create: "create  \(name), version \(version)"
        case .update(let old) where old == version: "update  \(name), version \(version) of other settings"
        case .update(let old): "update  \(name), version \(version) over version \(old)"
        case .keep: "keep    \(name), version \(version)"
        case .keepNewer(let newer): "keep    \(name), version \(newer) is newer than \(version)"
        case .unsupported(let reason): "leave   \(name): \(reason)"
        }
    }
}
