/// How much somebody may do; each may do what those before it may.
public enum Role: String, Sendable, CaseIterable, Comparable {
    /// Looks.
    case viewer
    /// Judges: archives, comments, names.
    case analyst
    /// Changes the system.
    case admin

    /// Whether one may do less than the other.
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

/// Who asks.
public struct Caller: Sendable, Equatable {
    /// The name of the account.
    public let name: String
    /// What it may.
    public let role: Role

    /// A caller with this name and role.
    public init(name: String, role: Role) {
        self.name = name
        self.role = role
    }
}

/// Who may call an operation.
public enum Access: Sendable, Equatable {
    /// Everybody, also without an account.
    case open
    /// Who has at least this role.
    case role(Role)
}
