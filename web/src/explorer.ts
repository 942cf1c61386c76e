// The API explorer: Swagger UI over the OpenAPI document of this server.
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js'
import 'swagger-ui-dist/swagger-ui.css'
import './explorer.css'

SwaggerUI({
  url: new URL('api?f=json', document.baseURI).href,
  domNode: document.querySelector('#explorer'),
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: true,
  validatorUrl: null,
})
