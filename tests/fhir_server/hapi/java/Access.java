import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import ca.uhn.fhir.rest.server.exceptions.AuthenticationException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets only requests with a token pass: TOKEN itself, or TOKEN-for-N-NAME, which is good for N requests and then has expired.
 */
@Interceptor
public class Access {
    private final String token;
    private final Map<String, AtomicInteger> used = new ConcurrentHashMap<>();

    Access(String token) {
        this.token = token;
    }

    @Hook(Pointcut.SERVER_INCOMING_REQUEST_PRE_PROCESSED)
    public boolean check(HttpServletRequest request) {
        if (!isGood(request.getHeader("Authorization"))) throw new AuthenticationException("The access token is missing, unknown or expired.");
        return true;
    }

    private boolean isGood(String header) {
        if (token == null) return true;
        if (header == null || !header.startsWith("Bearer " + token)) return false;
        String rest = header.substring("Bearer ".length() + token.length());
        if (rest.isEmpty()) return true;
        String[] parts = rest.split("-"); // "", for, N, NAME
        return used.computeIfAbsent(rest, name -> new AtomicInteger()).incrementAndGet() <= Integer.parseInt(parts[2]);
    }
}
