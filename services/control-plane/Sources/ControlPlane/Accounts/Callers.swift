import APIDescription
import SQLite

// Who is behind a call of the API, to be asked and to be written down.
extension Accounts {
    /// - Throws: a refusal when nobody is.
    func identity(_ call: Call) throws -> Identity {
        guard let identity = identity(of: call.request) else {
            throw Problem(.unauthorized, "log in first").refusal
        }
        return identity
    }

    /// The caller of a dangerous action: someone who has typed the password just now.
    ///
    /// - Throws: a refusal for anybody else.
    func confirmed(_ call: Call) throws -> Identity {
        let identity = try identity(call)
        guard identity.session != nil else { throw Self.notForTokens }
        guard confirmedUntil(identity) != nil else {
            throw Problem(.forbidden, "type your password again first", part: "confirmation").refusal
        }
        return identity
    }
}

extension AuditLog {
    /// Adds an entry about what a call of the API does. It may block.
    ///
    /// - Parameter transaction: the connection whose transaction does it: both are done, or none.
    /// - Throws: `SQLiteError`: what can't be recorded should not be done.
    func record(
        _ action: String, _ target: String, before: String? = nil, after: String? = nil, result: String = "done",
        by call: Call, in transaction: SQLiteConnection? = nil
    ) throws {
        try record(
            Entry(
                account: call.caller?.name ?? "", role: call.caller?.role.rawValue ?? "",
                address: ClientAddress(call.request.peer).text, action: action, target: target, before: before,
                after: after, result: result), in: transaction)
    }
}
