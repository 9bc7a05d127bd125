import Passwords
import Synchronization

/// Makes and compares hashes of passwords, one at a time: each takes 16 MiB, and is meant to be slow.
final class PasswordCheck: Sendable {
    /// The fewest characters of a new password.
    static let charactersMin = 12

    /// Compared with when there is no account of a name, so that it takes as long as when there is one.
    private let decoy: String
    private let turn = Mutex(())

    /// - Throws: `PasswordError`.
    init() throws {
        decoy = try PasswordHash.make(of: RandomCode.key)
    }

    /// Whether the password is that of the hash.
    ///
    /// - Parameter hash: nil or empty for no account, or one without a password.
    func verify(_ password: String, against hash: String?) -> Bool {
        turn.withLock { _ in
            let known = hash.flatMap { $0.isEmpty ? nil : $0 }
            let isRight = PasswordHash.verify(password, against: known ?? decoy)
            return isRight && known != nil
        }
    }

    /// - Throws: `PasswordError`.
    func hash(of password: String) throws -> String {
        try turn.withLock { _ in try PasswordHash.make(of: password) }
    }

    /// Why a new password is not taken; nil when it is.
    static func fault(in password: String, of account: String) -> String? {
        if password.count < charactersMin { return "a password has at least \(charactersMin) characters" }
        if password.utf8.count > PasswordHash.passwordBytesMax {
            return "a password has at most \(PasswordHash.passwordBytesMax) bytes"
        }
        if password.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return "a password has no control characters" }
        let lowered = password.lowercased()
        if Set(lowered).count < 5 { return "a password has at least 5 different characters" }
        if account.count > 2, lowered.contains(account) { return "a password does not hold the name of its account" }
        return nil
    }
}
