import Configuration
import Glibc
import Logging
public import ServiceHost
import Settings

/// The commands for accounts, for who has a shell on this machine: they work on the data folder, beside a running service.
public enum AccountCommands {
    /// All of them.
    public static var all: [Subcommand] { [setupCode, resetPassword, users, logInLink] }

    private static var setupCode: Subcommand {
        command(
            "setup-code", summary: "makes and shows a new code for making the first account in the page"
        ) { accounts, _ in
            guard accounts.needsSetup else {
                throw Failure("there is an account already; `control-plane reset-password USER` sets its password")
            }
            print(try accounts.makeSetupCode())
        }
    }

    private static var resetPassword: Subcommand {
        command(
            "reset-password", arguments: "USER", operandsMax: 1, summary: "sets a user's password",
            details: """
                The new password is asked for, or read from standard input as one line. All sessions, tokens and links of the
                user end, and a disabled user is let in again.
                """
        ) { accounts, line in
            guard let name = line.operands.first else { throw Failure("which user? `control-plane users` lists them") }
            guard accounts.list().contains(where: { $0.account.name == name }) else {
                throw NoAccountError(name: name, others: accounts.list().map(\.account.name))
            }
            try accounts.resetPassword(of: name, to: try newPassword(of: name))
            print("The password of \(name) is set, and all sessions, tokens and links of \(name) have ended.")
        }
    }

    private static var users: Subcommand {
        command("users", summary: "lists the users") { accounts, _ in
            for entry in accounts.list() {
                let state = entry.account.isDisabled ? ", disabled" : ""
                let places = entry.sessions == 1 ? "1 session" : "\(entry.sessions) sessions"
                print("\(entry.account.name)  \(entry.account.role.rawValue)\(state)  \(places)")
            }
        }
    }

    private static var logInLink: Subcommand {
        command(
            "login-link", arguments: "[USER]", operandsMax: 1,
            summary: "makes a link that logs in once, within 10 minutes",
            details: """
                Without USER it is for an admin. When there is no account at all, one is made, whose password can be set in
                the page.
                """
        ) { accounts, line in
            let web = line.settings.web
            let code = try accounts.makeLink(to: line.operands.first)
            // Not `localhost`: somebody else of this machine may listen at its other address.
            let isEverywhere = ["0.0.0.0", "::"].contains(web.bind)
            let host = isEverywhere ? web.allowedHosts?.first ?? HostNames(web).own : web.bind
            let authority = host.contains(":") ? "[\(host)]" : host
            print("\(web.tls == .off ? "http" : "https")://\(authority):\(web.publicPort)/login#link=\(code)")
        }
    }

    private static func command(
        _ name: String, arguments: String = "", operandsMax: Int = 0, summary: String, details: String = "",
        _ body: @escaping (Accounts, SubcommandRun<ControlPlaneSettings>) throws -> Void
    ) -> Subcommand {
        Subcommand(
            name, arguments: arguments, operandsMax: operandsMax, summary: summary, details: details
        ) { (line: SubcommandRun<ControlPlaneSettings>) -> Int32 in
            do {
                try DataFolder.prepare(line.settings.web.dataDirectory)
                try body(try Accounts(Accounts.Options(line.settings.web), logger: .silent), line)
                return 0
            } catch {
                writeError("control-plane \(name): \(TextEscaping.visible("\(error)"))\n")
                return 1
            }
        }
    }

    private struct Failure: Error, CustomStringConvertible {
        let description: String

        init(_ description: String) { self.description = description }
    }

    /// Asked for twice on a terminal, which does not show it.
    private static func newPassword(of name: String) throws -> String {
        guard isatty(STDIN_FILENO) == 1 else {
            guard let line = readLine() else { throw Failure("no password came on standard input") }
            return line
        }
        guard let first = getpass("New password of \(name): ").map({ String(cString: $0) }),
            let second = getpass("Once more: ").map({ String(cString: $0) })
        else { throw Failure("the terminal gave no password") }
        guard first == second else { throw Failure("these are two different passwords") }
        return first
    }
}
