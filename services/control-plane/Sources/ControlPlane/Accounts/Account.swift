import APIDescription

/// Somebody who may log in.
struct Account: Sendable, Equatable {
    var name: String
    var role: Role
    /// As libcrypt writes it; empty for an account that can only be entered by a link.
    var passwordHash: String
    var isDisabled: Bool
    /// Seconds since 1970, as all times here.
    var createdAt: Int64
    var passwordChangedAt: Int64?
    var loggedInAt: Int64?

    /// Whether a text is the name of an account: 1 to 32 small letters, digits, `.`, `_`, `-`, the first no sign.
    static func isName(_ text: String) -> Bool {
        let isPlain = { (byte: UInt8) in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: false
            }
        }
        guard (1...32).contains(text.utf8.count), let first = text.utf8.first, isPlain(first) else { return false }
        return text.utf8.allSatisfy { isPlain($0) || "._-".utf8.contains($0) }
    }
}

/// A browser that is logged in.
struct Session: Sendable, Equatable {
    var id: Int64
    var keyHash: String
    var account: String
    var createdAt: Int64
    var usedAt: Int64
    /// When the password was typed, or the link followed.
    var confirmedAt: Int64
    var address: String
    var agent: String
}

/// The key of a program.
struct Token: Sendable, Equatable {
    /// What every token begins with, so that it is recognised where it should not be.
    static let prefix = "ids_"

    var id: Int64
    var keyHash: String
    var account: String
    var name: String
    var role: Role
    var createdAt: Int64
    var expiresAt: Int64
    var usedAt: Int64?
}

/// Who sends a request, and how that is known.
struct Identity: Sendable, Equatable {
    enum Proof: Sendable, Equatable {
        case session(Session)
        case token(Token)
    }

    var account: Account
    /// That of the account; of a token at most that of its account.
    var role: Role
    var proof: Proof

    var session: Session? {
        if case .session(let session) = proof { session } else { nil }
    }

    var caller: Caller { Caller(name: account.name, role: role) }
}
