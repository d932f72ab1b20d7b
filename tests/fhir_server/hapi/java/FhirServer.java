import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.jpa.provider.IJpaSystemProvider;
import ca.uhn.fhir.jpa.provider.merge.PatientMergeProvider;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.provider.ResourceProviderFactory;
import java.net.InetSocketAddress;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/**
 * A HAPI FHIR JPA server on loopback, its data in memory. Argument: DSTU3, R4 or R5. Prints its base URL when it is ready.
 * TOKEN: the bearer token that it wants (see {@link Access}). PAGE_SIZE: entries a page, 20 without it.
 */
public class FhirServer {
    public static void main(String[] arguments) throws Exception {
        Storage.Version version = Storage.Version.valueOf(arguments[0]);
        var spring = new AnnotationConfigApplicationContext(version.configuration, Storage.class);

        var paging = spring.getBean(DatabaseBackedPagingProvider.class);
        paging.setDefaultPageSize(Integer.parseInt(System.getenv().getOrDefault("PAGE_SIZE", "20")));
        paging.setMaximumPageSize(1000);

        var fhir = new RestfulServer(spring.getBean(FhirContext.class));
        fhir.registerProviders(spring.getBean(ResourceProviderFactory.class).createProviders());
        fhir.registerProvider(spring.getBean(IJpaSystemProvider.class));
        spring.getBeansOfType(PatientMergeProvider.class).values().forEach(fhir::registerProvider); // R4 alone has one
        fhir.setPagingProvider(paging);
        fhir.registerInterceptor(new Access(System.getenv("TOKEN")));

        var server = new Server(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv().getOrDefault("PORT", "0"))));
        var servlets = new ServletContextHandler("/");
        servlets.addServlet(new ServletHolder(fhir), "/fhir/*");
        server.setHandler(servlets);
        server.start();
        System.out.println("http://127.0.0.1:" + ((ServerConnector) server.getConnectors()[0]).getLocalPort() + "/fhir");
    }
}
