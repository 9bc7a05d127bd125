/// What an account may do; each role includes those before it.
public enum Role: String, Sendable, CaseIterable, Comparable {
    /// May read.
    case viewer
    /// May also archive, comment and name.
    case analyst
    /// May also change the system.
    case admin

    /// Whether the first role may do less than the second.
    public static func < (left: Role, right: Role) -> Bool {
        left.rank < right.rank
    }

    private var rank: Int {
        switch self {
        case .viewer: 0
        case .analyst: 1
        case .admin: 2
        }
    }
}

/// The account behind a request.
public struct Caller: Sendable, Equatable {
    /// The name of the account.
    public let name: String
    /// What it may do.
    public let role: Role

    /// A caller with this name and role.
    public init(name: String, role: Role) {
        self.name = name
        self.role = role
    }
}

/// Who may call an operation.
public enum Access: Sendable, Equatable {
    /// Everybody, even without an account.
    case open
    /// Callers with at least this role.
    case role(Role)
}
